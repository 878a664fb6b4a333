// The figures of a wanctl-autorate process, kept once in its segment's counter block. The number of
// an enumerator is its place there: append only.
#pragma once

#include <cstdint>
#include <span>

#include "common/record/fields.hpp"

namespace wanctl {

enum class CycleCounter : std::uint8_t {
    loop_turns = 0,
    slots,
    missed_slots,
    late_slots,
    worst_lateness_ns,
    probes_sent,
    replies,
    lost,
    duplicate,
    late,
    foreign,
    malformed,
    send_errors,
    blind_entered,
    blackout_entered,
    writes_applied,
    writes_differ,
    writes_refused,
    writes_unreachable,
    stats_ok,
    stats_failed,
    router_connects,
    zone_changes,
    outside_changes,
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

inline constexpr std::size_t kCycleCounters = 33;

[[nodiscard]] std::span<const CounterInfo> cycle_counters();

}  // namespace wanctl
