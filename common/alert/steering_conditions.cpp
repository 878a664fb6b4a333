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

// Nobody can say yet whether steering is wanted.
bool undecided(SteeringReason reason) {
    return reason == SteeringReason::sustaining || reason == SteeringReason::unmeasured;
}

bool on_its_way(const SteeringRecord& record) {
    return (record.flags & kSteeringWritePending) != 0 &&
           static_cast<WriteOutcome>(record.last_outcome) == WriteOutcome::none;
}

bool rule_unread(const SteeringRecord& record) {
    return static_cast<RuleStatus>(record.rule_status) == RuleStatus::unread;
}

}  // namespace

Condition SteeringConditions::refused(const SteeringRecord& record) {
    const auto reason = static_cast<SteeringReason>(record.reason);
    const SteadyTime now{Nanos(record.mono_ns)};
    const bool blind = reason == SteeringReason::none || reason == SteeringReason::no_data ||
                       reason == SteeringReason::unmeasured;
    if (!seen_ && !blind) seen_ = now;
    if (alternate_cannot(reason) || rule_cannot(record)) return Condition::holds;
    if (rule_unread(record) || undecided(reason) || on_its_way(record)) return Condition::unknown;
    if (static_cast<SteeringState>(record.state) == SteeringState::degraded)
        return Condition::clear;
    return seen_ && now - *seen_ >= kSettles ? Condition::clear : Condition::unknown;
}

const Conditions& SteeringConditions::look(const SteeringRecord& record,
                                           const HistoryHealth& history) {
    const auto state = static_cast<SteeringState>(record.state);
    const auto router = static_cast<RouterState>(record.router_state);
    constexpr auto kPenalty = static_cast<std::size_t>(SteeringTimer::flap_penalty);
    // A rule that was not read yet may lead anywhere.
    conditions_.set(AlertType::steering_on, state == SteeringState::degraded ? Condition::holds
                                            : rule_unread(record)            ? Condition::unknown
                                                                             : Condition::clear);
    conditions_.set(AlertType::steering_refused, refused(record));
    conditions_.set(AlertType::flapping, condition(record.timer_left_us[kPenalty] != kNoTimer));
    conditions_.set(AlertType::router_lost, router == RouterState::unknown
                                                ? Condition::unknown
                                                : condition(router != RouterState::ok));
    conditions_.set(AlertType::history_lost,
                    history_.look(SteadyTime(Nanos(record.mono_ns)), history));
    return conditions_;
}

}  // namespace wanctl::alert
