#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "common/http/health.hpp"
#include "common/http/json_parts.hpp"
#include "common/record/transition_text.hpp"
#include "common/version.hpp"

namespace wanctl::http {

namespace {

using metrics::WanView;

std::optional<double> milliseconds(std::int32_t us) {
    return us == kUnknownUs ? std::nullopt : std::optional(us / 1e3);
}

std::optional<double> mbps(std::int64_t bps) {
    return bps == kUnknownRate ? std::nullopt : std::optional(static_cast<double>(bps) / 1e6);
}

void write_measurement(JsonWriter& json, const CycleRecord& record) {
    key(json, "measurement");
    json.StartObject();
    words(json, "state", name(static_cast<MeasurementState>(record.measurement)));
    truth(json, "available", record.rtt_us != kUnknownUs);
    number(json, "raw_rtt_ms", milliseconds(record.rtt_us));
    number(json, "staleness_sec",
           record.sample_age_ns == kUnknownNs
               ? std::nullopt
               : std::optional(to_seconds(Nanos(record.sample_age_ns))));
    count(json, "active_reflector_hosts",
          static_cast<unsigned>(std::popcount(record.reflector_active)));
    count(json, "successful_reflector_hosts",
          static_cast<unsigned>(std::popcount(record.reflector_answered)));
    json.EndObject();
}

void write_direction(JsonWriter& json, Direction direction, const CycleRecord& record) {
    const DirectionRecord& side = record.direction[static_cast<std::size_t>(direction)];
    key(json, name(direction));
    json.StartObject();
    number(json, "current_rate_mbps", mbps(side.wanted_bps));
    number(json, "router_rate_mbps", mbps(side.held_bps));
    number(json, "achieved_rate_mbps", mbps(side.achieved_bps));
    words(json, "state", name(static_cast<Zone>(side.zone)));
    count(json, "state_code", side.zone);
    words(json, "state_reason",
          transition_text(static_cast<TransitionReason>(side.transition_reason),
                          Nanos(side.transition_delta_ns), Nanos(side.transition_threshold_ns)));
    json.EndObject();
}

void write_budget(JsonWriter& json, const metrics::CycleTap& tap) {
    const metrics::CycleTimes times = tap.cycle_times();
    key(json, "cycle_budget");
    json.StartObject();
    key(json, "cycle_time_ms");
    json.StartObject();
    number(json, "avg", times.avg_ms);
    number(json, "p95", times.p95_ms);
    number(json, "p99", times.p99_ms);
    json.EndObject();
    number(json, "utilization_pct", 100 * times.share);
    count(json, "overrun_count", tap.latest()->missed_slots);
    json.EndObject();
}

void write_wan(JsonWriter& json, const WanView& wan) {
    json.StartObject();
    words(json, "name", wan.wan);
    words(json, "condition", condition(wan));
    if (const CycleRecord* record = wan.tap->latest()) {
        number(json, "baseline_rtt_ms", to_ms(Nanos(record->baseline_ns)));
        number(json, "load_rtt_ms", to_ms(Nanos(record->load_ns)));
        number(json, "delta_ms", to_ms(Nanos(record->delta_ns)));
        write_measurement(json, *record);
        for (const Direction direction : {Direction::download, Direction::upload})
            write_direction(json, direction, *record);
        router_connectivity(json, wan.tap->router());
        write_budget(json, *wan.tap);
    }
    json.EndObject();
}

}  // namespace

std::string condition(const WanView& wan) {
    if (wan.tap->latest() == nullptr) return "starting";
    if (wan.tap->blackout_slots() >= kBlackoutSlots) return "blackout";
    if (!wan.tap->router().reachable())
        return fmt::format("router {}", name(wan.tap->router().state()));
    return "ok";
}

Answer autorate_health(const metrics::ProcessView& process, std::span<const WanView> wans) {
    const bool well =
        std::ranges::all_of(wans, [](const WanView& w) { return condition(w) == "ok"; });
    const bool reachable =
        std::ranges::all_of(wans, [](const WanView& w) { return w.tap->router().reachable(); });
    const bool starting =
        std::ranges::any_of(wans, [](const WanView& w) { return w.tap->latest() == nullptr; });
    std::uint64_t failures = 0;
    for (const WanView& wan : wans) failures = std::max(failures, wan.tap->blackout_slots());
    rapidjson::StringBuffer buffer;
    JsonWriter json(buffer);
    json.StartObject();
    words(json, "status", well ? "healthy" : starting ? "starting" : "degraded");
    number(json, "uptime_seconds", to_seconds(process.now - process.started));
    words(json, "version", kVersion);
    count(json, "consecutive_failures", failures);
    count(json, "wan_count", wans.size());
    key(json, "wans");
    json.StartArray();
    for (const WanView& wan : wans) write_wan(json, wan);
    json.EndArray();
    truth(json, "router_reachable", reachable);
    json.EndObject();
    return json_answer(well ? 200 : 503, buffer);
}

Answer liveness(bool well) {
    return {well ? 200U : 503U, "text/plain", well ? "ok\n" : "not ok\n"};
}

}  // namespace wanctl::http
