// routeros-sim: a simulated RouterOS router to test against. Composition only.
#include <csignal>
#include <iostream>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "common/clock.hpp"
#include "common/exit_code.hpp"
#include "tests/sim/router_program.hpp"
#include "tests/sim/sim_options.hpp"

int main(int argc, char** argv) {
    auto parsed = wanctl::sim::parse_sim_options(argc, argv);
    if (!parsed.options) return parsed.exit_code;

    const wanctl::SystemClock clock;
    boost::asio::io_context loop(1);
    boost::asio::signal_set signals(loop, SIGTERM, SIGINT);
    signals.async_wait([&loop](auto, int) { loop.stop(); });

    wanctl::sim::RouterProgram router(loop, clock, std::move(*parsed.options));
    if (const auto started = router.start(); !started) {
        std::cerr << "routeros-sim: " << started.error().message << '\n';
        return wanctl::exit_code::kConfiguration;
    }
    loop.run();
    return wanctl::exit_code::kOk;
}
