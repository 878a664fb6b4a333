#include "common/alert/cycle_conditions.hpp"

#include <cstdlib>

namespace wanctl::alert {

namespace {

bool blind(const CycleRecord& record) {
    const auto state = static_cast<MeasurementState>(record.measurement);
    return state == MeasurementState::blind || state == MeasurementState::blackout;
}

bool alive_by_tcp(const CycleRecord& record) {
    const auto fallback = static_cast<FallbackState>(record.fallback);
    return fallback == FallbackState::tcp || fallback == FallbackState::tcp_frozen;
}

Condition congestion(const CycleRecord& record, Direction direction) {
    if (blind(record)) return Condition::unknown;
    const std::uint8_t zone = record.direction[static_cast<std::size_t>(direction)].zone;
    return condition(zone >= static_cast<std::uint8_t>(Zone::soft_red));
}

Condition offline(const CycleRecord& record) {
    const auto state = static_cast<MeasurementState>(record.measurement);
    if (state == MeasurementState::none) return Condition::unknown;
    if (!blind(record) || alive_by_tcp(record)) return Condition::clear;
    // Before the first round of checks has ended nobody knows.
    const bool asked = static_cast<FallbackState>(record.fallback) != FallbackState::off;
    if (!asked && state == MeasurementState::blind) return Condition::unknown;
    return Condition::holds;
}

Condition reflectors_bad(const CycleRecord& record) {
    if (blind(record)) return alive_by_tcp(record) ? Condition::holds : Condition::unknown;
    if (record.fresh == 0) return Condition::unknown;
    return condition((record.reflector_active & ~record.reflector_lying) == 0);
}

Condition router_lost(const CycleRecord& record) {
    const auto state = static_cast<RouterState>(record.router_state);
    if (state == RouterState::unknown) return Condition::unknown;
    return condition(state != RouterState::ok);
}

}  // namespace

Condition FlapWatch::look(SteadyTime now, std::uint8_t zone) {
    if (!begun_) first_look_ = now;
    if (!begun_ || zone != zone_) {
        if (begun_ && now - since_ >= kHeld) {
            at_[next_] = now;
            next_ = (next_ + 1) % kChanges;
            if (known_ < kChanges) ++known_;
        }
        begun_ = true;
        zone_ = zone;
        since_ = now;
    }
    if (known_ < kChanges && now - first_look_ < kWindow) return Condition::unknown;
    return condition(known_ == kChanges && now - at_[next_] <= kWindow);
}

Condition BudgetWatch::look(const CycleRecord& record) {
    if (!begun_) {
        begun_ = true;
        first_missed_ = record.missed_slots;
    }
    ++slots_;
    used_ns_ += record.stage_ns[static_cast<std::size_t>(Stage::slot_cpu)];
    if (slots_ < kSlots) return told_;
    const std::uint64_t missed = record.missed_slots - first_missed_;
    const bool busy = used_ns_ * 10 >= slots_ * record.interval_ns * 8;
    told_ = condition(busy || missed * 10 >= slots_ + missed);
    first_missed_ = record.missed_slots;
    slots_ = 0;
    used_ns_ = 0;
    return told_;
}

Condition CycleConditions::drift(const CycleRecord& record) const {
    return condition(std::llabs(record.baseline_ns - initial_ns_) * 2 >= initial_ns_);
}

const Conditions& CycleConditions::look(const CycleRecord& record, const HistoryHealth& history) {
    const SteadyTime now{Nanos(record.mono_ns)};
    conditions_.set(AlertType::congestion_download, congestion(record, Direction::download));
    conditions_.set(AlertType::congestion_upload, congestion(record, Direction::upload));
    conditions_.set(AlertType::flapping_download, flapping_[0].look(now, record.direction[0].zone));
    conditions_.set(AlertType::flapping_upload, flapping_[1].look(now, record.direction[1].zone));
    conditions_.set(AlertType::wan_offline, offline(record));
    conditions_.set(AlertType::reflectors_bad, reflectors_bad(record));
    conditions_.set(AlertType::baseline_drift, drift(record));
    conditions_.set(AlertType::cycle_budget, budget_.look(record));
    conditions_.set(AlertType::router_lost, router_lost(record));
    conditions_.set(AlertType::history_lost, history_.look(now, history));
    return conditions_;
}

}  // namespace wanctl::alert
