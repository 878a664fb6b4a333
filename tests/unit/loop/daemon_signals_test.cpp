#include "common/loop/daemon_signals.hpp"

#include <csignal>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "tests/support/catch.hpp"

namespace {

using wanctl::DaemonSignals;
using wanctl::StopSignal;

// What a daemon was told by signals that this process sent itself, one after the other.
struct Told {
    std::vector<std::string> what;
    boost::asio::io_context loop{1};
    DaemonSignals signals{loop};

    void listen() {
        signals.listen([this] { what.emplace_back("reload"); },
                       [this](const StopSignal& signal) {
                           what.push_back("stop by " + std::string(signal.name) +
                                          (signal.keep ? ", keep" : ""));
                       });
    }

    // The loop runs until the next thing is told, or a signal has ended its run.
    void hear() {
        const std::size_t before = what.size();
        while (what.size() == before && !loop.stopped())
            if (loop.run_one_for(std::chrono::seconds(5)) == 0) return;
    }
    void hear(int number) {
        std::raise(number);
        hear();
    }
};

TEST_CASE("each signal tells the daemon what it stands for, one before listening as well") {
    const auto [number, expected] = GENERATE(table<int, std::string>({
        {SIGHUP, "reload"},
        {SIGTERM, "stop by SIGTERM"},
        {SIGINT, "stop by SIGINT"},
        {SIGUSR2, "stop by SIGUSR2, keep"},
    }));
    const bool early = GENERATE(true, false);
    Told told;
    if (early) std::raise(number);
    told.listen();
    if (!early) std::raise(number);
    told.hear();
    CHECK(told.what == std::vector<std::string>{expected});
    CHECK_FALSE(told.loop.stopped());
}

TEST_CASE("the second signal to stop ends the loop, and a reload after the first is not heard") {
    Told told;
    told.listen();
    told.hear(SIGHUP);
    told.hear(SIGHUP);
    told.hear(SIGTERM);
    std::raise(SIGHUP);
    told.hear(SIGUSR2);
    CHECK(told.loop.stopped());
    CHECK(told.what == std::vector<std::string>{"reload", "reload", "stop by SIGTERM"});
}

TEST_CASE("a peer that goes away does not end the process") {
    const Told told;
    CHECK(std::raise(SIGPIPE) == 0);
}

}  // namespace
