// One direction of a line: senders, the stages in their order, the delay, and the books.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "tests/sim/line/bulk.hpp"
#include "tests/sim/line/cubic.hpp"
#include "tests/sim/line/far_fifo.hpp"
#include "tests/sim/line/feedback.hpp"
#include "tests/sim/line/line_model.hpp"
#include "tests/sim/line/line_spec.hpp"
#include "tests/sim/line/random.hpp"
#include "tests/sim/line/router_queue.hpp"

namespace wanctl::sim {

// The model's grid: senders act, and the capacity changes, at its points only.
inline constexpr Nanos kGrid = std::chrono::milliseconds(1);

// Times are since the model's start. Used by LineModel alone.
class Lane {
  public:
    // A packet that reached the end of the lane or was lost on its way.
    struct Arrival {
        LinePacket packet;
        bool delivered = true;
    };

    Lane(Direction direction, const LineSpec& spec, std::uint64_t seed);

    // At a grid point: what the senders learn, and what they send until the next one. `way_back_ns`
    // is what an acknowledgement needs from the receiver on; nullopt while none comes through.
    void tick(Nanos now, std::optional<double> way_back_ns);
    // From `start` to `end`, at most up to the next grid point.
    void step(Nanos start, Nanos end);
    void offer(const LinePacket& packet);
    [[nodiscard]] std::vector<Arrival>& arrivals() { return arrivals_; }

    void set_capacity(Rate capacity) {
        if (capacity == capacity_) return;
        capacity_ = capacity;
        ns_per_byte_ = capacity.bps > 0 ? 1.0 / bytes_per_ns(capacity) : 0.0;
    }
    void set_loss(Ratio loss) { loss_ = loss.value; }
    void set_base_rtt(Nanos base_rtt) { base_ns_ = static_cast<double>(base_rtt.count()) / 2; }
    void set_blackout(bool on, Nanos now);
    void set_flows(std::size_t count, Nanos now);

    // When a packet enters the next stage or arrives, exact; Nanos::max() without one.
    [[nodiscard]] Nanos next_due() const;
    // As next_due(), with an estimate for what stands in a queue.
    [[nodiscard]] Nanos next_event(Nanos now) const;
    [[nodiscard]] bool holds_packets() const { return held_packets_ > 0; }
    [[nodiscard]] bool any_active() const { return active_ > 0; }
    [[nodiscard]] Rate capacity() const { return capacity_; }
    [[nodiscard]] RouterQueue& leaf() { return leaf_; }
    [[nodiscard]] const RouterQueue& leaf() const { return leaf_; }
    [[nodiscard]] double fifo_delay_ns() const;
    // Of an echo, sparse as it is: both queues and its own length, without the base delay.
    [[nodiscard]] double queueing_ns() const;
    [[nodiscard]] DirectionFigures figures() const;
    [[nodiscard]] DirectionBytes bytes() const;
    [[nodiscard]] const DirectionBytes& totals() const { return totals_; }

  private:
    void widen(std::size_t flows);
    void run_plan(Nanos now);
    void send(Nanos now);
    void learn(Nanos now);
    void enter_fifo(Nanos start, double step_ns, const BulkBytes& bulk,
                    std::vector<LinePacket>& packets);
    void leave_fifo(Nanos start, double step_ns);
    void lose_some(StageOutput& out);
    void arrive(const BulkBytes& bulk);
    void report_lost(const BulkBytes& lost, double more_ns);
    void book_drops(const StageOutput& out, Nanos at);
    void delay(LinePacket packet);
    void deliver(const LinePacket& packet);
    void measure_rates();

    Direction direction_;
    std::size_t width_ = 0;
    double base_ns_;
    double jitter_ns_;
    double loss_;
    bool blackout_ = false;
    Rate capacity_;
    double ns_per_byte_ = 0;  // at this capacity; 0 when there is none
    Random random_;
    RouterQueue leaf_;
    FarFifo fifo_;
    FeedbackLine feedback_;
    FeedbackRow held_;  // what no acknowledgement could tell yet
    std::optional<double> way_back_ns_;
    std::int64_t grid_ = 0;

    std::vector<FlowPlan> plan_;
    std::array<CubicFlow, kMaxFlows> flows_;
    std::size_t active_ = 0;
    bool passed_ = false;  // this step's bulk found the far buffer empty
    BulkBytes sending_;    // bytes per grid step
    BulkBytes loss_debt_;

    std::deque<LinePacket> delayed_;
    Nanos last_due_{0};
    double delayed_bytes_ = 0;
    std::size_t held_packets_ = 0;
    std::vector<Arrival> arrivals_;
    StageOutput leaf_out_;
    StageOutput fifo_out_;
    std::vector<LinePacket> entering_;

    DirectionBytes totals_;
    BulkBytes of_flow_;
    BulkBytes of_flow_before_;
    std::array<Rate, kMaxFlows> flow_rates_{};
};

}  // namespace wanctl::sim
