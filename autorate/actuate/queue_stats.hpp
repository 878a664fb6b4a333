// What a series of queue readings tells: the rate achieved, and whether the counters began anew.
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "common/routeros/queue_tree.hpp"
#include "common/units.hpp"

namespace wanctl::actuate {

struct QueueSample {
    routeros::QueueCounts counts;
    SteadyTime at{};                  // when the reading arrived
    std::optional<Rate> achieved;     // over the time since the reading before; not across a reset
    std::uint64_t dropped_since = 0;  // packets dropped since the reading before; 0 across a reset
    std::uint32_t resets = 0;         // of the counters, since start
};

// One queue's readings in the order they were taken. The first gives no delta. A counter that went
// back, or another id, is a reset: the queue was made anew, cleared, or the router restarted.
class QueueStats {
  public:
    const QueueSample& accept(const routeros::QueueReading& reading, SteadyTime at);
    [[nodiscard]] const std::optional<QueueSample>& last() const { return last_; }

  private:
    std::string id_;
    std::optional<QueueSample> last_;
};

}  // namespace wanctl::actuate
