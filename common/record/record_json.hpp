// A record as JSON, from its field table: the same text for the tool, the HTTP interface and
// whatever else shows one.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "common/record/fields.hpp"

namespace wanctl {

using JsonWriter = rapidjson::Writer<rapidjson::StringBuffer>;

inline void key(JsonWriter& json, std::string_view text) {
    json.Key(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}
inline void text(JsonWriter& json, std::string_view value) {
    json.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

// Members of the object that is open: raw numbers, words for enumerations, a list of words for
// bits, null for unknown.
void write_fields(JsonWriter& json, std::span<const FieldInfo> fields, const std::byte* record);

}  // namespace wanctl
