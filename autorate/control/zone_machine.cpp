#include "autorate/control/zone_machine.hpp"

#include <algorithm>

namespace wanctl::autorate {

namespace {

struct Edge {
    TransitionReason reason;
    Millis threshold;
};

// The threshold a direction crossed to be in zone `to`, and how the crossing is called.
Edge edge_into(Zone to, Direction direction, const ThresholdsConfig& thresholds) {
    const bool download = direction == Direction::download;
    switch (to) {
        case Zone::red:
            return download ? Edge{TransitionReason::exceeded_hard_red, thresholds.hard_red}
                            : Edge{TransitionReason::exceeded_warn, thresholds.warn};
        case Zone::soft_red:
            return {TransitionReason::exceeded_soft_red, thresholds.warn};
        case Zone::yellow:
            return {download ? TransitionReason::exceeded_green : TransitionReason::exceeded_target,
                    thresholds.target};
        case Zone::green:
            break;
    }
    return {download ? TransitionReason::below_green : TransitionReason::below_target,
            thresholds.target};
}

}  // namespace

Zone ZoneMachine::classify(Millis delta) const {
    const auto& edge = params_.thresholds;
    if (params_.direction == Direction::download && delta > edge.hard_red) {
        return Zone::red;
    }
    if (delta > edge.warn) {
        return params_.direction == Direction::download ? Zone::soft_red : Zone::red;
    }
    return delta > edge.target ? Zone::yellow : Zone::green;
}

bool ZoneMachine::in_deadband(Zone raw, Millis delta) const {
    const Millis deadband = std::min(params_.deadband, params_.thresholds.target / 2);
    return zone_ == Zone::yellow && raw == Zone::green && deadband > Millis(0) &&
           delta >= params_.thresholds.target - deadband;
}

ZoneVerdict ZoneMachine::update(Millis delta, std::int64_t slot) {
    ZoneVerdict verdict;
    Zone raw = classify(delta);
    verdict.in_deadband = in_deadband(raw, delta);
    if (verdict.in_deadband) {
        raw = Zone::yellow;
    }
    raw == Zone::green ? green_.extend(slot) : green_.reset();
    raw == Zone::yellow ? yellow_.extend(slot) : yellow_.reset();
    delta > last_delta_ ? rising_.extend(slot) : rising_.reset();
    last_delta_ = delta;
    raw == Zone::soft_red ? soft_red_.extend(slot) : soft_red_.reset();

    const auto lasted = [this, slot](const Streak& streak, Nanos required) {
        return streak.lasted(required, params_.interval, slot);
    };
    verdict.zone = raw;
    if (raw == Zone::soft_red && !lasted(soft_red_, params_.soft_red_required)) {
        verdict.zone = Zone::yellow;
    } else if (raw == Zone::yellow && zone_ == Zone::green) {
        verdict.dwelling = !lasted(yellow_, params_.dwell) && !lasted(rising_, params_.dwell);
        if (verdict.dwelling) {
            verdict.zone = Zone::green;
        } else {
            verdict.held_back = yellow_.slots_since(slot) * params_.interval;
        }
    }
    verdict.soft_red_lasting = verdict.zone == Zone::soft_red &&
                               params_.soft_red_decay > Nanos(0) &&
                               lasted(soft_red_, params_.soft_red_decay);
    verdict.green_sustained = lasted(green_, params_.green_required);
    if (verdict.zone != zone_) {
        verdict.transition = describe(verdict.zone, delta);
        zone_ = verdict.zone;
    }
    return verdict;
}

void ZoneMachine::restore(Zone zone) {
    const bool unknown_here = params_.direction == Direction::upload && zone == Zone::soft_red;
    zone_ = unknown_here ? Zone::yellow : zone;
}

Transition ZoneMachine::describe(Zone to, Millis delta) const {
    const Edge edge = edge_into(to, params_.direction, params_.thresholds);
    Transition transition{zone_, to, edge.reason, from_ms(delta.count()),
                          from_ms(edge.threshold.count())};
    // A delta that rounds onto the threshold would make the stated inequality false.
    if (to != Zone::green) {
        if (transition.delta <= transition.threshold) {
            transition.delta = transition.threshold + Nanos(1);
        }
    } else if (delta == edge.threshold) {
        transition.reason = params_.direction == Direction::download ? TransitionReason::at_green
                                                                     : TransitionReason::at_target;
        transition.delta = transition.threshold;
    } else if (transition.delta >= transition.threshold) {
        transition.delta = transition.threshold - Nanos(1);
    }
    return transition;
}

}  // namespace wanctl::autorate
