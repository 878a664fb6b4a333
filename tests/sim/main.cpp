// routeros-sim: a simulated RouterOS router to test against. Composition only.
#include <csignal>
#include <iostream>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>

#include "common/clock.hpp"
#include "common/exit_code.hpp"
#include "tests/sim/line_program.hpp"
#include "tests/sim/router_program.hpp"
#include "tests/sim/sim_options.hpp"

int main(int argc, char** argv) {
    auto parsed = wanctl::sim::parse_sim_options(argc, argv);
    if (!parsed.options) return parsed.exit_code;

    const wanctl::SystemClock clock;
    boost::asio::io_context loop(1);
    boost::asio::signal_set signals(loop, SIGTERM, SIGINT);
    signals.async_wait([&loop](auto, int) { loop.stop(); });

    const auto complain = [](const wanctl::Error& error) {
        std::cerr << "routeros-sim: " << error.message << '\n';
        return wanctl::exit_code::kConfiguration;
    };
    const auto lines = wanctl::sim::LineProgram::make(loop, clock, parsed.options->line);
    if (!lines) return complain(lines.error());
    (*lines)->add_queues(parsed.options->queues);
    wanctl::sim::RouterProgram router(loop, clock, std::move(*parsed.options));
    (*lines)->connect(router.model());
    (*lines)->add_to(router.commands());
    if (const auto started = router.start(); !started) return complain(started.error());
    loop.run();
    return wanctl::exit_code::kOk;
}
