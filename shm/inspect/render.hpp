// A record's fields as words for the operator, as JSON and as CSV: all three from the record's
// field table.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "common/record/fields.hpp"
#include "common/units.hpp"

namespace wanctl::inspect {

using JsonWriter = rapidjson::Writer<rapidjson::StringBuffer>;

inline void key(JsonWriter& json, std::string_view text) {
    json.Key(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}
inline void text(JsonWriter& json, std::string_view value) {
    json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

// "12.3 ms", "1.50 s", "3 min 20 s".
[[nodiscard]] std::string duration_text(Nanos duration);
// "902.4 Mbit/s".
[[nodiscard]] std::string rate_text(std::int64_t bps);
// A limit the router holds: 0 is none.
[[nodiscard]] std::string held_text(std::int64_t bps);
// Local time with milliseconds, "14:03:21.250", or with its date.
[[nodiscard]] std::string time_text(Nanos since_epoch, bool with_date);

// One element in its unit's best form; "-" when unknown.
[[nodiscard]] std::string value_text(const FieldInfo& field, const std::byte* record,
                                     std::uint32_t index);
// The whole field: arrays without their unknown or unnamed tail.
[[nodiscard]] std::string field_text(const FieldInfo& field, const std::byte* record);

// Members of the object that is open: raw numbers, words for enumerations, a list of words for
// bits, null for unknown.
void write_fields(JsonWriter& json, std::span<const FieldInfo> fields, const std::byte* record);

[[nodiscard]] std::string csv_header(std::span<const FieldInfo> fields);
[[nodiscard]] std::string csv_line(std::span<const FieldInfo> fields, const std::byte* record);

}  // namespace wanctl::inspect
