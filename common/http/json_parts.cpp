#include "common/http/json_parts.hpp"

#include <cmath>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace wanctl::http {

void number(JsonWriter& json, std::string_view name, std::optional<double> value) {
    key(json, name);
    if (value)
        json.Double(std::round(*value * 1e3) / 1e3);
    else
        json.Null();
}

void count(JsonWriter& json, std::string_view name, std::uint64_t value) {
    key(json, name);
    json.Uint64(value);
}

void truth(JsonWriter& json, std::string_view name, bool value) {
    key(json, name);
    json.Bool(value);
}

void words(JsonWriter& json, std::string_view name, std::string_view value) {
    key(json, name);
    if (value.empty())
        json.Null();
    else
        text(json, value);
}

std::string utc_text(WallTime time) {
    const Nanos since = time.time_since_epoch();
    const auto seconds = static_cast<std::time_t>(since.count() / 1'000'000'000);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds),
                       since.count() / 1'000'000 % 1000);
}

void router_connectivity(JsonWriter& json, const metrics::RouterWatch& router) {
    key(json, "router_connectivity");
    json.StartObject();
    truth(json, "is_reachable", router.reachable());
    words(json, "state", name(router.state()));
    count(json, "consecutive_failures", router.failures());
    const auto failure = router.last_failure();
    words(json, "last_failure_type", failure ? name(*failure) : std::string_view());
    words(json, "last_failure_time", failure ? utc_text(router.last_failure_at()) : std::string());
    const auto outage = router.outage();
    number(json, "outage_duration_seconds",
           outage ? std::optional(to_seconds(*outage)) : std::nullopt);
    json.EndObject();
}

Answer json_answer(unsigned status, const rapidjson::StringBuffer& buffer) {
    return {status, "application/json", std::string(buffer.GetString(), buffer.GetSize()) + "\n"};
}

}  // namespace wanctl::http
