#include "tests/sim/line/closed_loop.hpp"

#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::sim;

namespace {

ClosedLoopSpec demo() {
    ClosedLoopSpec spec;
    spec.line.capacity = *CapacityTrace::generate("demo", 1);
    spec.line.set_flows(Direction::download, 4);
    spec.line.set_flows(Direction::upload, 4);
    return spec;
}

std::optional<RatePair> nothing(std::optional<Nanos>, SteadyTime) {
    return std::nullopt;
}

}  // namespace

TEST_CASE("without limits the demo line bloats; with limits that follow it, it does not") {
    const auto free = run_closed_loop(demo(), nothing);
    CHECK(free.rtt_p99_ms > 400);
    CHECK(free.above_30_ms > Ratio{0.9});

    const auto spec = demo();
    CapacityCursor cursor(spec.line.capacity);
    const auto held = run_closed_loop(spec, [&](std::optional<Nanos>, SteadyTime now) {
        const auto& point = cursor.at(now.time_since_epoch());
        return std::optional(RatePair{scaled(point.download, 0.9), scaled(point.upload, 0.9)});
    });
    CHECK(held.rtt_p99_ms * 5 < free.rtt_p99_ms);
    CHECK(held.goodput_download > Ratio{0.85});
    CHECK(held.goodput_upload > Ratio{0.85});
    CHECK(held.decisions == 2400);
}

TEST_CASE("the controller gets the RTT of its echoes") {
    ClosedLoopSpec spec;
    spec.duration = std::chrono::seconds(10);
    int seen = 0;
    static_cast<void>(run_closed_loop(spec, [&](std::optional<Nanos> rtt, SteadyTime) {
        if (rtt) {
            ++seen;
            CHECK(*rtt >= std::chrono::milliseconds(20));
            CHECK(*rtt < std::chrono::milliseconds(21));
        }
        return std::optional<RatePair>();
    }));
    CHECK(seen == 200);
}

TEST_CASE("a decision reaches the queues after the time it takes to write") {
    ClosedLoopSpec spec = demo();
    spec.duration = std::chrono::seconds(20);
    spec.initial = {5_mbit, 1_mbit};
    const auto held = run_closed_loop(spec, nothing);
    CHECK(held.goodput_download < Ratio{0.2});
    const auto opened = run_closed_loop(spec, [](std::optional<Nanos>, SteadyTime) {
        return std::optional(RatePair{20_mbit, 4_mbit});
    });
    CHECK(opened.goodput_download > Ratio{0.3});
}
