// The figures of a wanctl-steering process, kept once in its segment's counter block. The number of
// an enumerator is its place there: append only.
#pragma once

#include <cstdint>
#include <span>

#include "common/record/fields.hpp"

namespace wanctl {

enum class SteeringCounter : std::uint8_t {
    loop_turns = 0,
    decisions,
    primary_records,
    alternate_records,
    missed_records,
    bad_records,
    source_changes,
    enabled,
    disabled,
    penalties,
    early_ends,
    stale_releases,
    toggles_applied,
    toggles_failed,
    rule_reads,
    foreign_changes,
    router_connects,
    history_state,
    history_rows,
    history_lost,
    history_events_dropped,
    history_failures,
    history_waiting,
    history_bytes,
    history_commit_us,
    history_worst_commit_us,
};

inline constexpr std::size_t kSteeringCounters = 26;

[[nodiscard]] std::span<const CounterInfo> steering_counters();

}  // namespace wanctl
