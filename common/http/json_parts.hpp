// Members of the object that is open, for the pages of the HTTP interface.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/http/request.hpp"
#include "common/metrics/router_watch.hpp"
#include "common/record/record_json.hpp"
#include "common/units.hpp"

namespace wanctl::http {

// Rounded to three decimals; null without a value.
void number(JsonWriter& json, std::string_view name, std::optional<double> value);
void count(JsonWriter& json, std::string_view name, std::uint64_t value);
void truth(JsonWriter& json, std::string_view name, bool value);
// null when empty.
void words(JsonWriter& json, std::string_view name, std::string_view value);

// "2026-03-09T12:00:00.250Z"
[[nodiscard]] std::string utc_text(WallTime time);

// router_connectivity: {...}
void router_connectivity(JsonWriter& json, const metrics::RouterWatch& router);

[[nodiscard]] Answer json_answer(unsigned status, const rapidjson::StringBuffer& buffer);

}  // namespace wanctl::http
