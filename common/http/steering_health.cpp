#include <array>

#include <fmt/format.h>

#include "common/http/health.hpp"
#include "common/http/json_parts.hpp"
#include "common/metrics/zone_code.hpp"
#include "common/record/steering_counters.hpp"
#include "common/record/steering_names.hpp"
#include "common/record/steering_reason_text.hpp"
#include "common/record/steering_states.hpp"
#include "common/version.hpp"

namespace wanctl::http {

namespace {

using metrics::SteeringView;

void write_steering(JsonWriter& json, const SteeringRecord& record) {
    key(json, "steering");
    json.StartObject();
    truth(json, "enabled", record.state == static_cast<std::uint8_t>(SteeringState::degraded));
    words(json, "state", name(static_cast<SteeringState>(record.state)));
    words(json, "mode", (record.flags & kSteeringDryRun) != 0 ? "dry_run" : "active");
    words(json, "rule", name(static_cast<RuleState>(record.rule_read)));
    words(json, "rule_status", name(static_cast<RuleStatus>(record.rule_status)));
    json.EndObject();
}

void write_congestion(JsonWriter& json, const SteeringRecord& record) {
    const auto assessment = static_cast<Assessment>(record.assessment);
    key(json, "congestion");
    json.StartObject();
    key(json, "primary");
    json.StartObject();
    words(json, "state", name(assessment));
    const auto code = metrics::zone_code(assessment);
    number(json, "state_code", code ? std::optional<double>(*code) : std::nullopt);
    json.EndObject();
    json.EndObject();
}

void write_decision(JsonWriter& json, const metrics::ProcessView& process,
                    const SteeringRecord& record) {
    const bool acted = record.last_at_ns != kUnknownNs;
    key(json, "decision");
    json.StartObject();
    const WallTime at{Nanos(record.real_ns - (record.mono_ns - record.last_at_ns))};
    words(json, "last_transition_time", acted ? utc_text(at) : std::string());
    const SteadyTime since = acted ? SteadyTime(Nanos(record.last_at_ns)) : process.started;
    number(json, "time_in_state_seconds", to_seconds(process.now - since));
    words(json, "reason", name(static_cast<SteeringReason>(record.reason)));
    words(json, "reason_text", steering_reason_text(record));
    json.EndObject();
}

void write_confidence(JsonWriter& json, const SteeringRecord& record) {
    key(json, "confidence");
    json.StartObject();
    number(json, "primary",
           record.score == kUnknownScore ? std::nullopt : std::optional<double>(record.score));
    json.EndObject();
    key(json, "thresholds");
    json.StartObject();
    number(json, "steer", record.steer_threshold);
    number(json, "recover", record.recover_threshold);
    json.EndObject();
}

void write_lines(JsonWriter& json, const SteeringView& steering, const SteeringRecord& record) {
    const std::array wans{steering.primary, steering.alternate};
    key(json, "lines");
    json.StartArray();
    for (std::size_t i = 0; i < wans.size(); ++i) {
        const WanRecord& line = record.wan[i];
        json.StartObject();
        words(json, "name", wans[i]);
        words(json, "ring", name(static_cast<SourceState>(line.source)));
        words(json, "usable", name(static_cast<Usability>(line.usable)));
        number(json, "age_seconds",
               line.age_ns == kUnknownNs ? std::nullopt
                                         : std::optional(to_seconds(Nanos(line.age_ns))));
        json.EndObject();
    }
    json.EndArray();
}

void write_counters(JsonWriter& json, const SteeringView& steering) {
    key(json, "counters");
    json.StartObject();
    const auto counters = steering_counters();
    for (std::size_t i = 0; i < counters.size(); ++i)
        count(json, counters[i].name, steering.counter(i));
    json.EndObject();
}

}  // namespace

std::string condition(const SteeringView& steering) {
    if (steering.tap->latest() == nullptr) return "starting";
    if (!steering.tap->router().reachable())
        return fmt::format("router {}", name(steering.tap->router().state()));
    return "ok";
}

Answer steering_health(const metrics::ProcessView& process, const SteeringView& steering) {
    const std::string now_in = condition(steering);
    const bool well = now_in == "ok";
    const SteeringRecord* record = steering.tap->latest();
    rapidjson::StringBuffer buffer;
    JsonWriter json(buffer);
    json.StartObject();
    words(json, "status", well ? "healthy" : record == nullptr ? "starting" : "degraded");
    words(json, "condition", now_in);
    number(json, "uptime_seconds", to_seconds(process.now - process.started));
    words(json, "version", kVersion);
    if (record != nullptr) {
        write_steering(json, *record);
        write_congestion(json, *record);
        write_decision(json, process, *record);
        write_confidence(json, *record);
        write_lines(json, steering, *record);
        write_counters(json, steering);
        router_connectivity(json, steering.tap->router());
    }
    truth(json, "router_reachable", steering.tap->router().reachable());
    json.EndObject();
    return json_answer(well ? 200 : 503, buffer);
}

}  // namespace wanctl::http
