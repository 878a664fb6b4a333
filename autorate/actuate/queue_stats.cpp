#include "autorate/actuate/queue_stats.hpp"

namespace wanctl::actuate {

const QueueSample& QueueStats::accept(const routeros::QueueReading& reading, SteadyTime at) {
    QueueSample sample;
    sample.counts = reading.counts;
    sample.at = at;
    if (last_) {
        const routeros::QueueCounts& before = last_->counts;
        const bool reset = reading.id != id_ || reading.counts.bytes < before.bytes ||
                           reading.counts.packets < before.packets ||
                           reading.counts.dropped < before.dropped;
        sample.resets = last_->resets + (reset ? 1U : 0U);
        const Nanos passed = at - last_->at;
        if (!reset && passed > Nanos(0)) {
            const double bits = static_cast<double>(reading.counts.bytes - before.bytes) * 8.0;
            sample.achieved = Rate{static_cast<std::int64_t>(bits / to_seconds(passed))};
            sample.dropped_since = reading.counts.dropped - before.dropped;
        }
    }
    id_ = reading.id;
    last_ = sample;
    return *last_;
}

}  // namespace wanctl::actuate
