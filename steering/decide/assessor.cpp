#include "steering/decide/assessor.hpp"

namespace wanctl::steering {

Assessment assess(const LineView& line, const ThreeStateConfig& config) {
    if (!line.delta_ewma) return Assessment::unknown;
    const bool queue_red = line.queue && line.queue->packets >= config.min_queue_red;
    const bool queue_yellow = line.queue && line.queue->packets >= config.min_queue_yellow;
    const bool drops = line.queue && line.queue->drops >= config.min_drops_red;
    if (*line.delta_ewma > config.red_rtt && drops && queue_red) return Assessment::red;
    if (*line.delta_ewma > config.yellow_rtt || queue_yellow) return Assessment::yellow;
    return Assessment::green;
}

}  // namespace wanctl::steering
