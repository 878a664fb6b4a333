#include "common/alert/steering_conditions.hpp"

#include "common/record/states.hpp"
#include "common/record/steering_states.hpp"

namespace wanctl::alert {

namespace {

bool alternate_cannot(SteeringReason reason) {
    switch (reason) {
        case SteeringReason::alt_red:
        case SteeringReason::alt_blackout:
        case SteeringReason::alt_silent:
        case SteeringReason::alt_absent:
        case SteeringReason::alt_slow:
            return true;
        default:
            return false;
    }
}

bool rule_cannot(const SteeringRecord& record) {
    const auto status = static_cast<RuleStatus>(record.rule_status);
    if (status == RuleStatus::missing || status == RuleStatus::ambiguous) return true;
    const auto outcome = static_cast<WriteOutcome>(record.last_outcome);
    const bool refused = outcome == WriteOutcome::refused || outcome == WriteOutcome::differs;
    return refused && (record.flags & kSteeringWritePending) != 0;
}

}  // namespace

const Conditions& SteeringConditions::look(const SteeringRecord& record,
                                           const HistoryHealth& history) {
    const auto state = static_cast<SteeringState>(record.state);
    const auto router = static_cast<RouterState>(record.router_state);
    constexpr auto kPenalty = static_cast<std::size_t>(SteeringTimer::flap_penalty);
    // A rule that was not read yet may lead anywhere.
    const Condition otherwise = static_cast<RuleStatus>(record.rule_status) == RuleStatus::unread
                                    ? Condition::unknown
                                    : Condition::clear;
    const auto told = [otherwise](bool holds) { return holds ? Condition::holds : otherwise; };
    conditions_.set(AlertType::steering_on, told(state == SteeringState::degraded));
    conditions_.set(
        AlertType::steering_refused,
        told(alternate_cannot(static_cast<SteeringReason>(record.reason)) || rule_cannot(record)));
    conditions_.set(AlertType::flapping, condition(record.timer_left_us[kPenalty] != kNoTimer));
    conditions_.set(AlertType::router_lost, router == RouterState::unknown
                                                ? Condition::unknown
                                                : condition(router != RouterState::ok));
    conditions_.set(AlertType::history_lost,
                    history_.look(SteadyTime(Nanos(record.mono_ns)), history));
    return conditions_;
}

}  // namespace wanctl::alert
