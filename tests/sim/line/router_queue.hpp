// The router's queue of one direction: an HTB token bucket in front of a CAKE-like leaf.
//
// HTB: tokens fill at max-limit up to bucket-size x max-limit bits (at least one packet); what is
// sent may go as fast as the link while tokens last. max-limit 0 is unlimited.
// Leaf: each flow has its own queue and backlogged flows share the rate evenly. A flow whose queue
// stands empty sends up to a packet's worth ahead of the others and waits for no more than the
// packet being sent (uniform in 0..1 packet times); having done so it queues with the others until
// a round has passed. CoDel on each backlogged flow; beyond the memory limit the longest loses.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "tests/sim/line/bulk.hpp"
#include "tests/sim/line/codel.hpp"
#include "tests/sim/line/random.hpp"
#include "tests/sim/queue_port.hpp"

namespace wanctl::sim {

class RouterQueue final : public QueuePort {
  public:
    struct Limits {
        Rate link{1'000'000'000};                 // of the interface the queue feeds
        double memory_bytes = 4.0 * 1024 * 1024;  // CAKE's own default
    };

    RouterQueue(Limits limits, std::uint64_t seed) : limits_(limits), random_(seed) {}

    void set_limit(Rate max_limit, Ratio bucket_size) override;
    [[nodiscard]] QueueCounters counters() const override;
    void reset_counters() override;

    void set_width(Width width) { width_ = width.flows; }

    // `packet.at` must lie within the coming step.
    void enqueue(const LinePacket& packet);
    // One step from `start`, `step_ns` long, in which `bulk` arrives.
    void step(Nanos start, double step_ns, const BulkBytes& bulk, StageOutput& output);

    [[nodiscard]] Rate max_limit() const { return max_limit_; }
    [[nodiscard]] double tokens() const { return tokens_; }  // bytes
    [[nodiscard]] double backlog() const;
    // What a sparse packet entering now has to expect.
    [[nodiscard]] double sparse_delay_ns(double bytes) const;
    // How long the bytes of that bulk flow served last had stood.
    [[nodiscard]] double bulk_delay_ns(std::size_t flow) const { return bulk_[flow].sojourn_ns; }
    // An estimate of the next departure of a packet; Nanos::max() without one.
    [[nodiscard]] Nanos next_packet(Nanos now) const;

  private:
    struct BulkQueue {
        double bytes = 0;
        double sojourn_ns = 0;
        CoDel codel;
    };
    struct PacketFlow {
        std::uint64_t flow = 0;
        std::deque<LinePacket> packets;
        double bytes = 0;
        double credit = 0;      // of the first packet, already sent
        double ahead_left = 0;  // what it may still send ahead of the others
        Nanos ahead_again{0};   // when it may do so anew
        CoDel codel;
    };
    struct Sparse {
        LinePacket packet;
        Nanos leaves{0};
    };
    struct Service {
        Nanos start{0};
        Nanos end{0};
        double tokens = 0;
        double served = 0;
    };

    [[nodiscard]] double burst_bytes() const;
    [[nodiscard]] double speed() const { return max_limit_.bps > 0 ? limit_speed_ : link_speed_; }
    [[nodiscard]] bool backlogged() const { return bulk_bytes_ > 0 || packet_bytes_ > 0; }
    [[nodiscard]] std::size_t active_flows() const;
    [[nodiscard]] bool pass(double budget, const BulkBytes& bulk, Service& service,
                            StageOutput& output);
    [[nodiscard]] double level(double budget) const;
    [[nodiscard]] Nanos time_of(const Service& service, double bytes) const;
    PacketFlow& flow_of(std::uint64_t flow);
    void serve_sparse(Service& service, StageOutput& output);
    void serve_bulk(double share, double step_ns, Service& service, StageOutput& output);
    void serve_packets(double share, Service& service, StageOutput& output);
    void send_packets(PacketFlow& flow, const Service& service, double before, StageOutput& output);
    void keep_memory(StageOutput& output);
    void count(double bytes, double packets);
    void smooth_rate(double step_ns, double served);

    Limits limits_;
    double link_speed_ = bytes_per_ns(limits_.link);  // bytes per nanosecond, as limit_speed_
    double limit_speed_ = 0;
    std::size_t width_ = kMaxFlows;
    Random random_;
    Rate max_limit_;
    Ratio bucket_size_{0.1};
    double tokens_ = 0;
    std::array<BulkQueue, kMaxFlows> bulk_;
    double bulk_bytes_ = 0;
    bool settled_ = true;  // CoDel has seen the bulk queues empty
    std::vector<PacketFlow> flows_;
    double packet_bytes_ = 0;
    std::deque<Sparse> sparse_;
    double sparse_bytes_ = 0;
    double sent_bytes_ = 0;
    double sent_packets_ = 0;
    double dropped_packets_ = 0;
    double rate_bytes_per_ns_ = 0;
};

}  // namespace wanctl::sim
