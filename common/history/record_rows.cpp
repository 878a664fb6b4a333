#include "common/history/record_rows.hpp"

#include <algorithm>
#include <string>

#include "common/history/event_text.hpp"
#include "common/record/states.hpp"
#include "common/record/steering_reason_text.hpp"
#include "common/record/steering_states.hpp"
#include "common/record/transition_text.hpp"

namespace wanctl::history {

namespace {

// A decision does not stand for longer than that, however long the next one took.
constexpr std::int64_t kLongestSpanUs = 1'000'000;

std::int64_t to_us(std::int64_t ns) {
    return ns / 1000;
}

std::int64_t at_ms(std::int64_t real_ns) {
    return real_ns / 1'000'000;
}

std::optional<std::int64_t> zone_or_none(std::uint8_t zone) {
    if (zone >= kMaxZones) return std::nullopt;
    return zone;
}

void add_transition(const CycleRecord& record, std::size_t side, Batch& to) {
    const DirectionRecord& direction = record.direction[side];
    to.transitions.push_back(
        {at_ms(record.real_ns), static_cast<std::int64_t>(record.slot),
         static_cast<std::int64_t>(side), direction.transition_from, direction.zone,
         to_us(direction.transition_delta_ns), to_us(direction.transition_threshold_ns),
         transition_text(static_cast<TransitionReason>(direction.transition_reason),
                         Nanos(direction.transition_delta_ns),
                         Nanos(direction.transition_threshold_ns))});
}

// Of a router not asked yet nothing is known.
std::optional<bool> router_there(RouterState state) {
    if (state == RouterState::unknown) return std::nullopt;
    return state == RouterState::ok || state == RouterState::late;
}

std::optional<std::int64_t> zone_of(Assessment assessment) {
    switch (assessment) {
        case Assessment::green:
            return static_cast<std::int64_t>(Zone::green);
        case Assessment::yellow:
            return static_cast<std::int64_t>(Zone::yellow);
        case Assessment::soft_red:
            return static_cast<std::int64_t>(Zone::soft_red);
        case Assessment::red:
            return static_cast<std::int64_t>(Zone::red);
        case Assessment::unknown:
            break;
    }
    return std::nullopt;
}

std::string action_detail(const SteeringRecord& record) {
    return json_object({{"reason", steering_reason_text(record)},
                        {"cause", std::string(name(static_cast<SteeringReason>(record.reason)))},
                        {"dry_run", (record.flags & kSteeringDryRun) != 0 ? "true" : "false"}});
}

}  // namespace

void CycleRows::add(const CycleRecord& record, Batch& to) {
    // The writer's last record is no slot.
    if ((record.flags & kFlagStopping) != 0) return;
    Row row;
    row.at_ms = at_ms(record.real_ns);
    row.slot = static_cast<std::int64_t>(record.slot);
    row.span_us = to_us(record.interval_ns);
    if (record.fresh != 0 && record.rtt_us != kUnknownUs) {
        row.value[0] = record.rtt_us;
        row.value[2] = to_us(record.delta_ns);
    }
    row.value[1] = to_us(record.baseline_ns);
    for (std::size_t side = 0; side < 2; ++side) {
        row.value[3 + side] = record.direction[side].wanted_bps;
        row.zone[side] = zone_or_none(record.direction[side].zone);
    }
    to.rows.push_back(row);
    if ((record.flags & kFlagDownloadChanged) != 0) add_transition(record, 0, to);
    if ((record.flags & kFlagUploadChanged) != 0) add_transition(record, 1, to);

    const auto state = static_cast<RouterState>(record.router_state);
    const auto there = router_there(state);
    if (!there) return;
    if (router_there_.value_or(true) != *there) {
        to.events.push_back({row.at_ms, *there ? "router_found" : "router_lost",
                             json_object({{"state", std::string(name(state))}}), row.slot});
    }
    router_there_ = there;
}

std::int64_t SteeringRows::span_us(const SteeringRecord& record) {
    const std::int64_t since = before_ns_ == 0 ? 0 : record.mono_ns - before_ns_;
    before_ns_ = record.mono_ns;
    return std::clamp<std::int64_t>(to_us(since), 0, kLongestSpanUs);
}

void SteeringRows::add(const SteeringRecord& record, Batch& to) {
    // An action is published at once, and with the other lines' records once more.
    if (state_ && record.mono_ns == before_ns_) return;
    Row row;
    row.at_ms = at_ms(record.real_ns);
    row.slot = static_cast<std::int64_t>(record.slot);
    row.span_us = span_us(record);
    const std::int32_t delta_us = record.wan[0].delta_us;
    if (delta_us != kUnknownUs) row.value[0] = delta_us;
    if (record.score != kUnknownScore) row.value[1] = record.score;
    row.zone[0] = record.state;
    row.zone[1] = zone_of(static_cast<Assessment>(record.assessment));
    to.rows.push_back(row);
    if (state_.value_or(record.state) != record.state) {
        to.transitions.push_back({row.at_ms, row.slot, 0, *state_, record.state, row.value[0],
                                  std::nullopt, steering_reason_text(record)});
    }
    state_ = record.state;
    const auto action = static_cast<SteeringAction>(record.action);
    if (action == SteeringAction::none) return;
    to.events.push_back({row.at_ms,
                         action == SteeringAction::enable ? "steering_on" : "steering_off",
                         action_detail(record), row.slot});
}

}  // namespace wanctl::history
