#include "common/record/record_json.hpp"

#include <fmt/format.h>

#include "common/printable.hpp"

namespace wanctl {
namespace {

void write_bits(JsonWriter& json, const FieldInfo& field, std::int64_t value) {
    json.StartArray();
    for (unsigned bit = 0; bit < 8 * size_of(field.type); ++bit) {
        if (((static_cast<std::uint64_t>(value) >> bit) & 1U) == 0) continue;
        const std::string_view word = field.names->of(bit);
        text(json, word.empty() ? fmt::format("bit{}", bit) : std::string(word));
    }
    json.EndArray();
}

void write_element(JsonWriter& json, const FieldInfo& field, const std::byte* record,
                   std::uint32_t index) {
    if (field.type == FieldType::text) {
        text(json, printable(field_words(field, record, index)));
        return;
    }
    const std::int64_t value = field_value(field, record, index);
    if (is_unknown(field, value)) {
        json.Null();
    } else if (field.role == FieldRole::enumeration) {
        text(json, word_text(field, value));
    } else if (field.role == FieldRole::bits) {
        write_bits(json, field, value);
    } else if (field.type == FieldType::u64) {
        json.Uint64(static_cast<std::uint64_t>(value));
    } else {
        json.Int64(value);
    }
}

void write_field(JsonWriter& json, const FieldInfo& field, const std::byte* record) {
    if (field.role == FieldRole::per_index) {
        json.StartObject();
        for (std::uint32_t i = 0; i < field.count && i < field.names->values.size(); ++i) {
            key(json, field.names->of(i));
            write_element(json, field, record, i);
        }
        json.EndObject();
        return;
    }
    if (field.count == 1) {
        write_element(json, field, record, 0);
        return;
    }
    json.StartArray();
    for (std::uint32_t i = 0; i < field.count; ++i) write_element(json, field, record, i);
    json.EndArray();
}

}  // namespace

void write_fields(JsonWriter& json, std::span<const FieldInfo> fields, const std::byte* record) {
    for (const FieldInfo& field : fields) {
        if (field.role == FieldRole::reserved) continue;
        key(json, field.name);
        write_field(json, field, record);
    }
}

}  // namespace wanctl
