#include "common/record/fields.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include <fmt/format.h>

#include "common/record/cycle_record.hpp"
#include "common/record/record_abi.hpp"

namespace wanctl {
namespace {

template <typename T>
std::int64_t load(const std::byte* at) {
    T value{};
    std::memcpy(&value, at, sizeof value);
    return static_cast<std::int64_t>(value);
}

std::string unit_text(const FieldInfo& field) {
    std::string unit(field.unit.empty() ? std::string_view("-") : field.unit);
    switch (field.role) {
        case FieldRole::number:
            return unit;
        case FieldRole::enumeration:
            return fmt::format("={}", field.names->name);
        case FieldRole::bits:
            return fmt::format("&{}", field.names->name);
        case FieldRole::per_index:
            return fmt::format("{}@{}", unit, field.names->name);
        case FieldRole::reserved:
            return "reserved";
    }
    return unit;
}

// The usual mark for "unknown", written short: the header has 3 KiB for all of this.
bool is_least(const FieldInfo& field) {
    return (field.type == FieldType::i32 && field.unknown == kUnknownUs) ||
           (field.type == FieldType::i64 && field.unknown == kUnknownNs);
}

}  // namespace

std::int64_t field_value(const FieldInfo& field, const std::byte* record, std::uint32_t index) {
    const std::byte* at = record + field.offset + std::size_t{index} * size_of(field.type);
    switch (field.type) {
        case FieldType::u8:
            return load<std::uint8_t>(at);
        case FieldType::u16:
            return load<std::uint16_t>(at);
        case FieldType::u32:
            return load<std::uint32_t>(at);
        case FieldType::u64:
            return load<std::uint64_t>(at);
        case FieldType::i32:
            return load<std::int32_t>(at);
        case FieldType::i64:
            return load<std::int64_t>(at);
        case FieldType::text:
            break;
    }
    return 0;
}

std::string_view field_words(const FieldInfo& field, const std::byte* record, std::uint32_t index) {
    if (field.type != FieldType::text) return {};
    const auto* text =
        reinterpret_cast<const char*>(record) + field.offset + std::size_t{index} * field.width;
    return {text, ::strnlen(text, field.width)};
}

std::string word_text(const FieldInfo& field, std::int64_t value) {
    const std::string_view word = field.names->of(static_cast<std::uint64_t>(value));
    if (is_unknown(field, value)) return "-";
    return word.empty() ? fmt::format("?{}", value) : std::string(word);
}

std::string wrong_word(std::span<const FieldInfo> fields, const std::byte* record) {
    for (const FieldInfo& field : fields) {
        if (field.role != FieldRole::enumeration) continue;
        const std::int64_t value = field_value(field, record);
        if (is_unknown(field, value)) continue;
        if (static_cast<std::uint64_t>(value) >= field.names->values.size()) {
            return fmt::format("{} = {}, there are {} values", field.name, value,
                               field.names->values.size());
        }
    }
    return {};
}

std::string_view name(RecordKind kind) {
    switch (kind) {
        case RecordKind::any:
            return "any";
        case RecordKind::cycle:
            return "cycle";
        case RecordKind::steering:
            return "steering";
    }
    return "invalid";
}

RecordAbi any_abi() {
    RecordAbi abi;
    abi.kind = RecordKind::any;
    return abi;
}

namespace {

void add_line(std::string& text, const FieldInfo& field, Detail detail) {
    text += fmt::format("{} {}", field.name, name(field.type));
    if (field.type == FieldType::text) text += fmt::format("{}", field.width);
    if (field.count != 1) text += fmt::format("*{}", field.count);
    text += fmt::format(" {} {}", field.offset, unit_text(field));
    if (field.unknown) {
        text += is_least(field) ? " ?min" : fmt::format(" ?{}", *field.unknown);
    }
    if (field.since > 1) text += fmt::format(" +{}", field.since);
    if (detail == Detail::full && field.role != FieldRole::reserved && !field.help.empty()) {
        text += fmt::format("; {}", field.help);
    }
    text += '\n';
}

void add_table(std::vector<const NameTable*>& tables, const FieldInfo& field) {
    if (field.names == nullptr || std::ranges::find(tables, field.names) != tables.end()) return;
    tables.push_back(field.names);
}

}  // namespace

std::string self_description(const RecordAbi& abi, Detail detail) {
    std::string text = fmt::format("wanctl {} {}\n", name(abi.kind), abi.version);
    std::vector<const NameTable*> tables;
    for (const FieldInfo& field : abi.fields) {
        add_line(text, field, detail);
        add_table(tables, field);
    }
    for (const CounterInfo& counter : abi.counters) {
        text += fmt::format("#{}{}{}", counter.name, counter.unit.empty() ? "" : " ", counter.unit);
        if (detail == Detail::full) text += fmt::format("; {}", counter.help);
        text += '\n';
    }
    if (detail == Detail::full) {
        for (const FieldInfo& field : abi.facts) {
            text += '@';
            add_line(text, field, detail);
            add_table(tables, field);
        }
    }
    for (const NameTable* table : tables) {
        text += fmt::format("={}", table->name);
        for (const std::string_view word : table->values) text += fmt::format(" {}", word);
        text += '\n';
    }
    return text;
}

}  // namespace wanctl
