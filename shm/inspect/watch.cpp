// `wanctl shm watch [NAME]`: a live view over all segments or one, in the terminal.
#include <cstdio>
#include <exception>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "common/exit_code.hpp"
#include "shm/directory.hpp"
#include "shm/inspect/command.hpp"
#include "shm/inspect/terminal_output.hpp"
#include "shm/inspect/watch_screen.hpp"
#include "shm/inspect/watch_source.hpp"
#include "shm/inspect/watch_view.hpp"

namespace wanctl::inspect {
namespace {

struct Options {
    std::string name;
    bool ascii = false;
    bool no_colour = false;
};

// Five pictures a second: faster than anybody reads.
constexpr Nanos kFrame = std::chrono::milliseconds(200);

// The view from its first picture to the last.
class Session {
  public:
    Session(WatchScreen& screen, const std::string& name, const Clock& clock)
        : screen_(screen), source_(name, clock), clock_(clock) {
        choice_.selected = name;
    }

    int run() {
        SteadyTime next = clock_.steady();
        for (;;) {
            if (clock_.steady() >= next) {
                source_.refresh();
                next = clock_.steady() + kFrame;
            }
            draw();
            const ScreenInput input = screen_.wait(next - clock_.steady());
            if (input.event == ScreenEvent::finished) return tool_exit::kYes;
            if (input.event == ScreenEvent::gone) return tool_exit::kCannot;
            if (input.event == ScreenEvent::key) {
                if (input.key == WatchKey::quit) return tool_exit::kYes;
                press(input);
            }
        }
    }

  private:
    [[nodiscard]] const WatchModel& model() const { return held_ ? *held_ : source_.model(); }
    void press(const ScreenInput& input) {
        apply_key(choice_, input.key, input.number, model());
        if (!choice_.paused) {
            held_.reset();
        } else if (!held_) {
            held_ = std::make_unique<WatchModel>(source_.model());
        }
    }
    void draw() { screen_.show(render(model(), choice_, screen_.size(), screen_.glyphs())); }

    WatchScreen& screen_;
    WatchSource source_;
    const Clock& clock_;
    WatchChoice choice_;
    std::unique_ptr<WatchModel> held_;  // the picture that is held while paused
};

int complain(const char* text) {
    fmt::print(stderr, "wanctl: {}\n", text);
    return tool_exit::kCannot;
}

int run(const Options& options, const Clock& clock) {
    if (!options.name.empty() && !shm::valid_name(options.name)) {
        fmt::print(stderr, "wanctl: \"{}\" is no segment name: a WAN's name or \"steering\"\n",
                   options.name);
        return tool_exit::kUsage;
    }
    auto screen = WatchScreen::open({colour_wanted(options.no_colour), options.ascii});
    if (!screen) return complain(screen.error().message.c_str());
    std::string failure;
    try {
        return Session(**screen, options.name, clock).run();
    } catch (const std::exception& error) {
        failure = error.what();
    }
    // The message belongs on the terminal as it was before.
    screen->reset();
    return complain(failure.c_str());
}

}  // namespace

std::function<int()> install_watch(CLI::App& app, const Clock& clock) {
    const auto options = std::make_shared<Options>();
    app.add_option("name", options->name,
                   "the one segment to show, present or not: a WAN's name or \"steering\"");
    app.add_flag("--ascii", options->ascii, "charts without block characters");
    app.add_flag("--no-color", options->no_colour, "as with the environment variable NO_COLOR");
    app.footer("Exit: 0 after q, Ctrl-C or SIGTERM, 2 no terminal or the terminal went away.");
    return [options, &clock] { return run(*options, clock); };
}

}  // namespace wanctl::inspect
