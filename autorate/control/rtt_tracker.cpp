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
                       std::chrono::duration<double> load_time_constant, Nanos escape)
    : config_(baseline),
      load_time_constant_(load_time_constant),
      load_(baseline.initial),
      baseline_(baseline.initial),
      escape_(escape),
      path_(escape, baseline.update_threshold) {}

void RttTracker::update(Millis rtt, Cycles elapsed) {
    load_ = blend(load_, rtt, ewma_weight(load_time_constant_, elapsed));
    if (const auto moved = path_.observe(rtt, baseline_, std::chrono::round<Nanos>(elapsed))) {
        set_baseline(*moved, BaselineState::moved);
    } else if (delta() < config_.update_threshold) {
        set_baseline(blend(baseline_, rtt, ewma_weight(config_.time_constant, elapsed)),
                     BaselineState::following);
    } else {
        state_ = BaselineState::held;
    }
}

void RttTracker::restore(Millis load, Millis baseline) {
    load_ = load;
    baseline_ = std::clamp(baseline, config_.min, config_.max);
}

void RttTracker::reconfigure(const BaselineConfig& baseline,
                             std::chrono::duration<double> load_time_constant, Nanos escape) {
    if (escape != escape_ || baseline.update_threshold != config_.update_threshold) {
        escape_ = escape;
        path_ = PathWatch(escape, baseline.update_threshold);
    }
    config_ = baseline;
    load_time_constant_ = load_time_constant;
    restore(load_, baseline_);
}

void RttTracker::set_baseline(Millis candidate, BaselineState how) {
    if (candidate < config_.min || candidate > config_.max) {
        state_ = BaselineState::out_of_bounds;
        return;
    }
    baseline_ = candidate;
    state_ = how;
}

}  // namespace wanctl::autorate
