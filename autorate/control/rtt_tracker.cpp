#include "autorate/control/rtt_tracker.hpp"

#include <algorithm>

namespace wanctl::autorate {

namespace {

// The order of the operations is the reference's: results agree to the last bit.
Millis blend(Millis old, Millis sample, Ratio weight) {
    return (1.0 - weight.value) * old + weight.value * sample;
}

}  // namespace

RttTracker::RttTracker(const BaselineConfig& baseline,
                       std::chrono::duration<double> load_time_constant)
    : config_(baseline),
      load_time_constant_(load_time_constant),
      load_(baseline.initial),
      baseline_(baseline.initial) {}

void RttTracker::update(Millis rtt, Cycles elapsed) {
    load_ = blend(load_, rtt, ewma_weight(load_time_constant_, elapsed));
    if (!(delta() < config_.update_threshold)) {
        return;
    }
    const Millis candidate = blend(baseline_, rtt, ewma_weight(config_.time_constant, elapsed));
    if (candidate >= config_.min && candidate <= config_.max) {
        baseline_ = candidate;
    }
}

void RttTracker::restore(Millis load, Millis baseline) {
    load_ = load;
    baseline_ = std::clamp(baseline, config_.min, config_.max);
}

void RttTracker::reconfigure(const BaselineConfig& baseline,
                             std::chrono::duration<double> load_time_constant) {
    config_ = baseline;
    load_time_constant_ = load_time_constant;
    restore(load_, baseline_);
}

}  // namespace wanctl::autorate
