#include "common/record/cycle_counters.hpp"

#include <array>

namespace wanctl {
namespace {

constexpr std::array<CounterInfo, kCycleCounters> kCounters{{
    {"loop_turns", "", "turns of the event loop"},
    {"slots", "", "slots opened and closed"},
    {"missed_slots", "", "slots skipped because the one before ran over"},
    {"late_slots", "", "slots opened more than a tenth of the interval after their deadline"},
    {"worst_lateness_ns", "ns", "longest delay of a slot's opening since start"},
    {"probes_sent", "", "echo requests handed to the kernel"},
    {"replies", "", "replies that count in a sample, late ones included"},
    {"lost", "", "echoes without a reply within the timeout"},
    {"duplicate", "", "replies to an echo already answered"},
    {"late", "", "replies that came after the timeout"},
    {"foreign", "", "replies with another id, sequence or address"},
    {"malformed", "", "replies truncated, corrupt or with impossible time stamps"},
    {"send_errors", "", "echo requests the kernel refused"},
    {"blind_entered", "", "times every reflector stopped answering"},
    {"blackout_entered", "", "times blind lasted beyond its limit"},
    {"writes_applied", "", "queue writes whose reply carries the value asked for"},
    {"writes_differ", "", "queue writes whose reply carries another value"},
    {"writes_refused", "", "queue writes answered with an error status"},
    {"writes_unreachable", "", "queue writes without an answer"},
    {"stats_ok", "", "queue readings taken"},
    {"stats_failed", "", "queue readings that failed"},
    {"router_connects", "", "connections made to the router"},
    {"zone_changes", "", "zone changes, both directions"},
    {"outside_changes", "", "limits found changed by somebody else"},
    {"history_state", "", "0 off, 1 recording, 2 opening, 3 locked, 4 failing, 5 refused"},
    {"history_rows", "", "rows stored in the history"},
    {"history_lost", "", "records overwritten before they could be stored"},
    {"history_events_dropped", "", "events not stored because too many waited"},
    {"history_failures", "", "batches that could not be stored at once"},
    {"history_waiting", "", "rows read and not stored yet"},
    {"history_bytes", "B", "size of the history's file and its -wal"},
    {"history_commit_us", "us", "how long the last batch took"},
    {"history_worst_commit_us", "us", "longest batch since start"},
}};

static_assert(static_cast<std::size_t>(CycleCounter::history_worst_commit_us) + 1 ==
              kCycleCounters);
static_assert(kCounters[static_cast<std::size_t>(CycleCounter::writes_applied)].name ==
              "writes_applied");

}  // namespace

std::span<const CounterInfo> cycle_counters() {
    return kCounters;
}

}  // namespace wanctl
