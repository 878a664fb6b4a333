// What a simulated line is made of; a value, checked when a LineModel is built from it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "common/units.hpp"
#include "tests/sim/line/bulk.hpp"
#include "tests/sim/line/capacity.hpp"

namespace wanctl::sim {

// When a bulk flow sends, since the start of the line.
struct FlowPlan {
    Nanos start{0};
    std::optional<Nanos> stop;
};

struct LineSpec {
    CapacityTrace capacity = CapacityTrace::constant(50_mbit, 10_mbit);
    // Depth of the far buffer, in time at the trace's mean capacity; the bytes stay when the
    // capacity changes, as a modem's do.
    Nanos fifo = std::chrono::milliseconds(500);
    // Without any queue. Each direction has half of it.
    Nanos base_rtt = std::chrono::milliseconds(20);
    // Each direction adds to a packet a delay uniform in 0..jitter/2; order is kept.
    Nanos jitter{0};
    // Of packets, in each direction, beside what the queues drop.
    Ratio loss;
    // Of the router's interfaces.
    Rate link{1'000'000'000};
    std::array<std::vector<FlowPlan>, 2> flows;  // [Direction]; at most kMaxFlows each
    std::uint64_t seed = 1;

    // `count` flows from the start to the end.
    void set_flows(Direction direction, std::size_t count) {
        flows[static_cast<std::size_t>(direction)].assign(count, FlowPlan());
    }
};

}  // namespace wanctl::sim
