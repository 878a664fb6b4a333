// `wanctl alert test`: one message to one sink, now, and how that went.
#include <sys/prctl.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <boost/asio/io_context.hpp>
#include <CLI/CLI.hpp>

#include "common/alert/post.hpp"
#include "common/alert/post_client.hpp"
#include "common/alert/target.hpp"
#include "common/clock.hpp"
#include "common/config/parse.hpp"
#include "common/exit_code.hpp"
#include "common/printable.hpp"
#include "shm/inspect/command.hpp"

namespace wanctl::inspect {

namespace {

constexpr auto kAutorateFolder = "/etc/wanctl/autorate";
constexpr auto kSteeringFile = "/etc/wanctl/steering.toml";

struct Options {
    std::string sink;
    std::string config;
};

struct Sinks {
    AlertConfig alerts;
    ConfigErrors omissions;
};

// A file of either daemon: the one whose keys it has.
tl::expected<Sinks, ConfigErrors> sinks_of(const std::string& path) {
    auto autorate = load_autorate(path);
    if (autorate) return Sinks{autorate->config.alerts, autorate->omissions};
    auto steering = load_steering(path);
    if (steering) return Sinks{steering->config.alerts, steering->omissions};
    const bool first = autorate.error().size() <= steering.error().size();
    return tl::unexpected<ConfigErrors>(first ? autorate.error() : steering.error());
}

// Where a daemon's configuration is unless said.
std::vector<std::string> usual_files() {
    std::vector<std::string> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(kAutorateFolder, error))
        if (entry.path().extension() == ".toml") files.push_back(entry.path().string());
    std::sort(files.begin(), files.end());
    if (std::filesystem::exists(kSteeringFile, error)) files.emplace_back(kSteeringFile);
    return files;
}

// The first of the files that has the sink.
struct Found {
    std::optional<SinkConfig> sink;
    int exit_code = tool_exit::kCannot;
};
Found find(const Options& options) {
    const auto files =
        options.config.empty() ? usual_files() : std::vector<std::string>{options.config};
    Found found;
    std::string others;
    for (const std::string& file : files) {
        const auto sinks = sinks_of(file);
        for (const ConfigError& error : sinks ? sinks->omissions : sinks.error())
            std::cerr << error.text() << '\n';
        if (!sinks) {
            found.exit_code = tool_exit::kInvalid;
            continue;
        }
        if (const SinkConfig* sink = sinks->alerts.sink(options.sink)) {
            found.sink = *sink;
            return found;
        }
        for (const SinkConfig& sink : sinks->alerts.sinks) others += " " + sink.name;
    }
    std::cerr << fmt::format("wanctl: no right [sink.{}] in {}; sinks there:{}\n",
                             printable(options.sink),
                             files.empty()      ? "/etc/wanctl (no configuration found; --config)"
                             : files.size() > 1 ? "/etc/wanctl"
                                                : printable(files.front()),
                             others.empty() ? " none" : others);
    return found;
}

int send(const SinkConfig& sink, const Clock& clock) {
    const auto target = alert::read_target(sink.url_file);
    if (!target) {
        std::cerr << "wanctl: " << target.error().message << '\n';
        return tool_exit::kCannot;
    }
    if (const auto warning = alert::target_warning(sink.url_file, *target))
        std::cerr << "wanctl: " << *warning << '\n';
    boost::asio::io_context loop(1);
    std::optional<alert::PostResult> result;
    alert::PostClient client(loop, clock, sink.ca_file,
                             [&](const alert::PostResult& ended) { result = ended; });
    client.start(*target, alert::post_of(alert::test_message(clock.wall(), sink.name), sink.kind));
    while (!result && loop.run_one() > 0) {
    }
    const bool good = result && result->attempt.end == alert::Attempt::End::delivered;
    std::cout << fmt::format("sink {} ({}): {}, {} after {:.0f} ms\n", sink.name, name(sink.kind),
                             good ? "delivered" : "not delivered",
                             result ? result->text : "no answer",
                             result ? to_ms(result->took) : 0.0);
    if (good) return tool_exit::kYes;
    return result && result->status != 0 ? tool_exit::kNo : tool_exit::kCannot;
}

int run(const Options& options, const Clock& clock) {
    // The URL comes into this memory: no core file, and no look into it but root's.
    ::prctl(PR_SET_DUMPABLE, 0);
    const Found found = find(options);
    if (!found.sink) return found.exit_code;
    if (found.sink->kind == SinkKind::log) {
        std::cout << fmt::format(
            "sink {} (log): the daemon writes alerts to its own log; there "
            "is nothing to send\n",
            found.sink->name);
        return tool_exit::kYes;
    }
    return send(*found.sink, clock);
}

}  // namespace

std::function<int()> install_alert_test(CLI::App& app, const Clock& clock) {
    auto options = std::make_shared<Options>();
    app.add_option("--sink", options->sink, "name of a [sink.NAME] section")->required();
    app.add_option("--config", options->config,
                   "the daemon's configuration; otherwise all in /etc/wanctl are looked at");
    return [options, &clock] { return run(*options, clock); };
}

}  // namespace wanctl::inspect
