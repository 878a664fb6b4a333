// The seam between the simulated router's /queue/tree and the simulated line behind it.
#pragma once

#include <cstdint>

#include "common/units.hpp"

namespace wanctl::sim {

// What RouterOS reports of a queue, beside its settings.
struct QueueCounters {
    std::uint64_t bytes = 0;  // cumulative since creation or reset
    std::uint64_t packets = 0;
    std::uint64_t dropped = 0;
    std::uint64_t queued_bytes = 0;  // standing in the leaf now
    std::uint64_t queued_packets = 0;
    Rate rate;  // smoothed
};

// One queue of the tree as the line sees it. Owned by the line; the router only refers to it.
class QueuePort {
  public:
    virtual ~QueuePort() = default;
    // 0 bit/s means unlimited, as in RouterOS. bucket_size in 0..10 as in RouterOS (seconds of
    // rate).
    virtual void set_limit(Rate max_limit, Ratio bucket_size) = 0;
    [[nodiscard]] virtual QueueCounters counters() const = 0;
    virtual void reset_counters() = 0;
};

}  // namespace wanctl::sim
