// `wanctl`: looks at what the daemons publish and keep. Reads only, but for `shm clean` and
// `alert test`.
#include <csignal>
#include <functional>
#include <span>

#include <unistd.h>

#include <CLI/CLI.hpp>

#include "common/clock.hpp"
#include "common/exit_code.hpp"
#include "common/version.hpp"
#include "shm/inspect/command.hpp"

namespace {

using namespace wanctl;

// A segment that is cut short while we look at it raises SIGBUS; only a hostile or broken owner
// does that.
extern "C" void on_bus_error(int) {
    constexpr char kText[] = "wanctl: the segment was truncated while it was being read\n";
    if (::write(STDERR_FILENO, kText, sizeof kText - 1) < 0) ::_exit(tool_exit::kInvalid);
    ::_exit(tool_exit::kInvalid);
}

void add_group(CLI::App& group, std::span<const inspect::Command> commands, const Clock& clock,
               std::function<int()>& chosen) {
    for (const inspect::Command& command : commands) {
        CLI::App* app = group.add_subcommand(command.name, command.summary);
        std::function<int()> run = command.install(*app, clock);
        app->callback([&chosen, run = std::move(run)] { chosen = run; });
    }
}

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGBUS, on_bus_error);
    const SystemClock clock;
    CLI::App app(
        "Looks at what wanctl's daemons publish in shared memory, and what they have kept.",
        "wanctl");
    app.set_version_flag("--version", "wanctl " + std::string(wanctl::kVersion));
    app.require_subcommand(1);
    std::function<int()> chosen;
    CLI::App& shm = *app.add_subcommand("shm", "the segments in shared memory");
    shm.require_subcommand(1);
    add_group(shm, inspect::kShmCommands, clock, chosen);
    add_group(app, inspect::kStoreCommands, clock, chosen);
    CLI::App& alert = *app.add_subcommand("alert", "what the daemons tell of by webhook");
    alert.require_subcommand(1);
    add_group(alert, inspect::kAlertCommands, clock, chosen);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? tool_exit::kYes : tool_exit::kUsage;
    }
    return chosen();
}
