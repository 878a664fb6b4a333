#include "common/metrics/metrics_text.hpp"
#include "common/metrics/zone_code.hpp"
#include "common/record/steering_counters.hpp"
#include "common/record/steering_fields.hpp"

namespace wanctl::metrics {

namespace {

constexpr double kUsMs = 1e-3;   // from us
constexpr double kUsSec = 1e-6;  // from us
constexpr double kSec = 1e-9;    // from ns

constexpr std::string_view kGauge = "gauge";
constexpr std::string_view kCounter = "counter";
constexpr std::string_view kDown = "direction=\"download\"";
constexpr std::string_view kUp = "direction=\"upload\"";
constexpr std::size_t kPrimary = 0;
constexpr std::size_t kAlternate = 1;

constexpr RecordRow kRows[] = {
    {"wanctl_steering_enabled", kGauge, "state", "", 1,
     "1 while new latency-sensitive connections go out by the alternate."},
    {"wanctl_steering_score", kGauge, "score", "", 1, "Confidence, 0 to 100."},
    {"wanctl_steering_steer_threshold", kGauge, "steer_threshold", "", 1,
     "Score that begins steering, with the flap penalty."},
    {"wanctl_steering_recover_threshold", kGauge, "recover_threshold", "", 1,
     "Score that ends steering."},
    {"wanctl_steering_recent_toggles", kGauge, "toggles", "", 1, "Toggles within the flap window."},
    {"wanctl_steering_rule_age_seconds", kGauge, "rule_age_ns", "", kSec,
     "Since the router last told of the rule."},
    {"wanctl_state", kGauge, "pri_dl_zone", kDown, 1,
     "Zone of a WAN, as its ring tells: 0 GREEN, 1 YELLOW, 2 SOFT_RED, 3 RED."},
    {"wanctl_state", kGauge, "pri_ul_zone", kUp, 1, ""},
    {"wanctl_state", kGauge, "alt_dl_zone", kDown, 1, "", true, "", kAlternate},
    {"wanctl_state", kGauge, "alt_ul_zone", kUp, 1, "", true, "", kAlternate},
    {"wanctl_rtt_delta_ms", kGauge, "pri_delta_us", "", kUsMs,
     "Round trip above the baseline, as the WAN's ring tells.", false},
    {"wanctl_rtt_delta_ms", kGauge, "alt_delta_us", "", kUsMs, "", false, "", kAlternate},
    {"wanctl_rtt_delta_seconds", kGauge, "pri_delta_us", "", kUsSec,
     "Round trip above the baseline, as the WAN's ring tells."},
    {"wanctl_rtt_delta_seconds", kGauge, "alt_delta_us", "", kUsSec, "", true, "", kAlternate},
    {"wanctl_ring_state", kGauge, "pri_source", "", 1,
     "What a WAN's ring is: 0 absent, 1 waiting, 2 live, 3 stale, 4 hung, 5 stopped, 6 dead, 7 "
     "other_version, 8 refused."},
    {"wanctl_ring_state", kGauge, "alt_source", "", 1, "", true, "", kAlternate},
    {"wanctl_ring_age_seconds", kGauge, "pri_age_ns", "", kSec,
     "Age of a ring's newest record at the decision."},
    {"wanctl_ring_age_seconds", kGauge, "alt_age_ns", "", kSec, "", true, "", kAlternate},
    {"wanctl_ring_records_total", kCounter, "pri_seen", "", 1, "Records of a ring dealt with."},
    {"wanctl_ring_records_total", kCounter, "alt_seen", "", 1, "", true, "", kAlternate},
    {"wanctl_ring_missed_records_total", kCounter, "pri_missed", "", 1,
     "Records of a ring that were overwritten before they could be read."},
    {"wanctl_ring_missed_records_total", kCounter, "alt_missed", "", 1, "", true, "", kAlternate},
    {"wanctl_missed_slots_total", kCounter, "missed_slots", "", 1, "Timer ticks skipped."},
};

constexpr std::string_view kRequests = "wanctl_router_requests_total";
constexpr std::string_view kTransitions = "wanctl_steering_transitions_total";

constexpr CounterRow kCounters[] = {
    {"decisions", "wanctl_cycles_total"},
    {"enabled", kTransitions, "from=\"GOOD\",to=\"DEGRADED\"", "Decisions to begin or to end."},
    {"disabled", kTransitions, "from=\"DEGRADED\",to=\"GOOD\""},
    {"primary_records", "wanctl_primary_records_used_total"},
    {"alternate_records", "wanctl_alternate_records_used_total"},
    {"toggles_applied", kRequests, "kind=\"toggle\",outcome=\"applied\"",
     "Requests to the router that have ended, by what they were and how they ended."},
    {"toggles_failed", kRequests, "kind=\"toggle\",outcome=\"failed\""},
    {"rule_reads", kRequests, "kind=\"rule_read\",outcome=\"ok\""},
};

void write_words(Exposition& out, const SteeringRecord& record, const std::string& labels) {
    out.family("wanctl_congestion_state", "gauge",
               "The primary's congestion as steering sees it: 0 GREEN, 1 YELLOW, 2 SOFT_RED, 3 "
               "RED; absent while unknown.");
    if (const auto code = zone_code(static_cast<Assessment>(record.assessment)))
        out.sample("wanctl_congestion_state", labels, *code);
    out.family("wanctl_steering_rule_enabled", "gauge",
               "The rule as the router last told: 1 enabled, 0 disabled; absent while unknown.");
    const auto rule = static_cast<RuleState>(record.rule_read);
    if (rule != RuleState::unknown)
        out.sample("wanctl_steering_rule_enabled", labels, rule == RuleState::enabled ? 1 : 0);
    out.family("wanctl_steering_dry_run", "gauge", "1: nothing is written to the router.");
    out.sample("wanctl_steering_dry_run", labels, (record.flags & kSteeringDryRun) != 0 ? 1 : 0);
}

}  // namespace

SteeringMetrics::SteeringMetrics() : rows_(steering_fields(), kRows) {}

std::string SteeringMetrics::text(const ProcessView& process, const SteeringView& steering,
                                  const HttpFigures& http, Names names) const {
    const std::string labels = label("wan", steering.primary);
    const SteeringRecord* record = steering.tap->latest();
    RecordSource source;
    source.labels.resize(2);
    source.labels[kPrimary] = labels;
    source.labels[kAlternate] = label("wan", steering.alternate);
    source.record = reinterpret_cast<const std::byte*>(record);
    source.counter = &steering.counter;
    const LabelledRouter router{labels, steering.tap->router()};
    const LabelledAlerts alerts{labels, steering.alerts};
    Exposition out;
    rows_.write(out, {&source, 1}, names);
    if (record != nullptr) write_words(out, *record, labels);
    write_routers(out, {&router, 1});
    write_alerts(out, {&alerts, 1});
    write_counters(out, steering_counters(), kCounters, {&source, 1});
    out.family("wanctl_decision_lateness_seconds", "histogram",
               "Decided this long after the record that caused it, or after the timer was due.");
    out.histogram("wanctl_decision_lateness_seconds", labels, steering.tap->lateness());
    write_process(out, process, http);
    return std::move(out).take();
}

}  // namespace wanctl::metrics
