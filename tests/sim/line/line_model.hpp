// One simulated WAN in virtual time: both directions, their buffers, the router's queues and the
// bulk flows of its users. Pure and deterministic: no I/O, no clock; the same spec, seed and calls
// give the same figures.
//
//   download  sender - base delay - far FIFO - line - loss - router's queue - client
//   upload    client - router's queue - far FIFO - line - loss - base delay - receiver
//
// Bulk flows are fluids in steps of 1 ms (CubicFlow); their acknowledgements come back after the
// base RTT and the queues of the other direction, and take no room there. Packets are single
// things with departures exact to the nanosecond within a step; they share both queues with the
// fluid. Time never goes back: a call with an earlier time acts at the model's own.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "common/record/states.hpp"
#include "common/units.hpp"
#include "tests/sim/line/histogram.hpp"
#include "tests/sim/line/line_spec.hpp"
#include "tests/sim/queue_port.hpp"

namespace wanctl::sim {

// A real packet as the line sees it.
struct PacketOffer {
    std::uint64_t tag = 0;   // comes back with the delivery
    std::uint64_t flow = 0;  // packets of one flow share a queue at the router
    std::uint32_t bytes = 0;
};

struct Delivery {
    Direction direction = Direction::download;
    std::uint64_t tag = 0;
    SteadyTime at;  // when it arrived, or was lost
    bool delivered = true;
};

// The truth about one direction now.
struct DirectionFigures {
    Rate capacity;
    Rate max_limit;  // of the router's queue; 0 is unlimited
    std::uint64_t fifo_bytes = 0;
    Nanos fifo_delay{0};  // of the far buffer at this capacity, at most 60 s
    std::uint64_t leaf_bytes = 0;
    Nanos queueing_delay{0};  // of an echo of 98 bytes: both queues and its own length
    Nanos one_way_delay{0};   // and the base delay
    std::size_t flows = 0;    // that are active
    std::array<Rate, kMaxFlows> flow_rates{};  // over the last 100 ms
};

// Cumulative bytes of one direction; offered = delivered + dropped + queued.
struct DirectionBytes {
    double offered = 0;
    double delivered = 0;
    double dropped = 0;
    double queued = 0;
    double goodput = 0;   // delivered of the bulk flows
    double capacity = 0;  // what the line could have carried
};

// What a verdict needs, since the start or the last reset_figures(). The RTT is that of a sparse
// packet, sampled each 10 ms while a bulk flow is active.
struct LineVerdict {
    DelayHistogram rtt;
    DelayHistogram queueing;                 // rtt without the base
    std::array<double, 2> goodput_bytes{};   // [Direction]
    std::array<double, 2> capacity_bytes{};  // [Direction]
};

class LineModel {
  public:
    // Throws std::invalid_argument when the spec has too many flows or a negative figure.
    LineModel(LineSpec spec, SteadyTime start);
    ~LineModel();
    LineModel(LineModel&&) noexcept;
    LineModel& operator=(LineModel&&) noexcept;

    void advance(SteadyTime to);
    [[nodiscard]] SteadyTime now() const;

    // Owned by the model; lives as long as it does, moves with it.
    [[nodiscard]] QueuePort& port(Direction direction);

    // Hands over a packet at `now`; the model advances there first.
    void offer(Direction direction, const PacketOffer& packet, SteadyTime now);
    // All that arrived or was lost since the last call, in no particular order.
    [[nodiscard]] std::vector<Delivery> take_deliveries();
    // When advance() should be called for the next packet, as far as can be told now; nullopt
    // without a packet in the line. Never later than 2 ms from now while one stands in a queue.
    [[nodiscard]] std::optional<SteadyTime> next_event() const;

    [[nodiscard]] DirectionFigures figures(Direction direction) const;
    [[nodiscard]] DirectionBytes bytes(Direction direction) const;
    [[nodiscard]] std::uint64_t goodput(Direction direction) const;
    [[nodiscard]] const LineVerdict& verdict() const;
    void reset_figures();

    // Nothing passes, what stands in the far buffers is lost.
    void set_blackout(bool on);
    void set_loss(Ratio loss);
    // The path becomes longer or shorter from now on; what is on the way keeps its order.
    void set_base_rtt(Nanos base_rtt);
    // Replaces the trace in that direction; nullopt returns to it. 0 stalls: the buffer holds.
    void set_capacity(Direction direction, std::optional<Rate> capacity);
    // From now on that many flows without an end, at most kMaxFlows; replaces the plan.
    void set_flows(Direction direction, std::size_t count);

    [[nodiscard]] const LineSpec& spec() const;
    [[nodiscard]] bool blackout() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace wanctl::sim
