#include "common/record/steering_counters.hpp"

#include <array>

namespace wanctl {
namespace {

constexpr std::array<CounterInfo, kSteeringCounters> kCounters{{
    {"loop_turns", "", "turns of the event loop"},
    {"decisions", "", "decisions made, one record each"},
    {"primary_records", "", "records of the primary used"},
    {"alternate_records", "", "records of the alternate used"},
    {"missed_records", "", "records overwritten before they could be read"},
    {"bad_records", "", "records that cannot be believed"},
    {"source_changes", "", "times a ring's state changed"},
    {"enabled", "", "decisions to begin steering"},
    {"disabled", "", "decisions to end it"},
    {"penalties", "", "times the flap guard raised the threshold"},
    {"early_ends", "", "ends because the alternate was worse"},
    {"stale_releases", "", "ends because data was missing"},
    {"toggles_applied", "", "rule writes whose reply carries the value asked for"},
    {"toggles_failed", "", "rule writes without such a reply"},
    {"rule_reads", "", "readings of the rule"},
    {"foreign_changes", "", "times somebody else had changed the rule"},
    {"router_connects", "", "connections made to the router"},
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

static_assert(static_cast<std::size_t>(SteeringCounter::history_worst_commit_us) + 1 ==
              kSteeringCounters);
static_assert(kCounters[static_cast<std::size_t>(SteeringCounter::toggles_applied)].name ==
              "toggles_applied");

}  // namespace

std::span<const CounterInfo> steering_counters() {
    return kCounters;
}

}  // namespace wanctl
