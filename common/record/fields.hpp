// How a record tells about itself: one FieldInfo per field, from which the layout hash, the
// self-description in shared memory, the tool's text and JSON, and the layout test are generated.
// Nothing else names a field of a record twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

#include "common/record/state_names.hpp"

namespace wanctl {

enum class FieldType : std::uint8_t {
    u8,
    u16,
    u32,
    u64,
    i32,
    i64,
    text,  // NUL-padded UTF-8 of FieldInfo::width bytes; only among slow facts
};

enum class FieldRole : std::uint8_t {
    number,       // a plain figure in `unit`
    enumeration,  // one word of `names`
    bits,         // bit i means word i of `names`
    per_index,    // an array whose index i is word i of `names`
    reserved,     // zero until a later version gives it a meaning
};

struct FieldInfo {
    std::string_view name;  // the JSON key and the column title; carries the unit where it has one
    FieldType type = FieldType::u8;
    std::uint32_t offset = 0;  // bytes from the start of the record
    std::uint32_t count = 1;   // elements; 1 = a scalar
    std::string_view unit;     // "ns", "us", "bit/s", "bytes" ...; empty = a bare count
    std::string_view help;
    FieldRole role = FieldRole::number;
    const NameTable* names = nullptr;
    std::optional<std::int64_t> unknown{};  // this value means "not known" (null in JSON)
    std::uint32_t since = 1;                // record version that brought it
    std::uint32_t width = 0;                // bytes of one element when the type is text
};

// A figure of the process, kept once in the segment's header. The index in its table is its place
// there: append only.
struct CounterInfo {
    std::string_view name;
    std::string_view unit;
    std::string_view help;
};

[[nodiscard]] constexpr std::uint32_t size_of(FieldType type) {
    switch (type) {
        case FieldType::u8:
            return 1;
        case FieldType::u16:
            return 2;
        case FieldType::u32:
        case FieldType::i32:
            return 4;
        case FieldType::u64:
        case FieldType::i64:
            return 8;
        case FieldType::text:
            break;
    }
    return 0;
}

// Bytes of one element.
[[nodiscard]] constexpr std::uint32_t element_size(const FieldInfo& field) {
    return field.type == FieldType::text ? field.width : size_of(field.type);
}

[[nodiscard]] constexpr std::string_view name(FieldType type) {
    switch (type) {
        case FieldType::u8:
            return "u8";
        case FieldType::u16:
            return "u16";
        case FieldType::u32:
            return "u32";
        case FieldType::u64:
            return "u64";
        case FieldType::i32:
            return "i32";
        case FieldType::i64:
            return "i64";
        case FieldType::text:
            return "text";
    }
    return "?";
}

template <typename T>
[[nodiscard]] consteval FieldType field_type() {
    using Value = std::remove_cv_t<std::remove_all_extents_t<T>>;
    static_assert(std::is_integral_v<Value>, "a record holds integers only");
    if constexpr (std::is_same_v<Value, char>) return FieldType::text;
    if constexpr (std::is_same_v<Value, std::uint8_t>) return FieldType::u8;
    if constexpr (std::is_same_v<Value, std::uint16_t>) return FieldType::u16;
    if constexpr (std::is_same_v<Value, std::uint32_t>) return FieldType::u32;
    if constexpr (std::is_same_v<Value, std::uint64_t>) return FieldType::u64;
    if constexpr (std::is_same_v<Value, std::int32_t>) return FieldType::i32;
    if constexpr (std::is_same_v<Value, std::int64_t>) return FieldType::i64;
}

// A char array is one text, an array of them as many.
template <typename T>
[[nodiscard]] consteval std::uint32_t field_count() {
    constexpr bool kText = std::is_same_v<std::remove_all_extents_t<T>, char>;
    constexpr bool kList = kText ? std::rank_v<T> == 2 : std::is_array_v<T>;
    return kList ? static_cast<std::uint32_t>(std::extent_v<T>) : 1U;
}

template <typename T>
[[nodiscard]] consteval std::uint32_t text_width() {
    if constexpr (!std::is_same_v<std::remove_all_extents_t<T>, char>) return 0;
    return static_cast<std::uint32_t>(std::rank_v<T> == 2 ? std::extent_v<T, 1> : std::extent_v<T>);
}

namespace fnv {
inline constexpr std::uint64_t kBasis = 14695981039346656037ULL;

[[nodiscard]] constexpr std::uint64_t add(std::uint64_t hash, std::string_view text) {
    for (const char c : text) {
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    }
    return hash;
}

[[nodiscard]] constexpr std::uint64_t add(std::uint64_t hash, std::uint64_t number) {
    char digits[20] = {};
    std::size_t at = sizeof digits;
    do {
        digits[--at] = static_cast<char>('0' + number % 10);
        number /= 10;
    } while (number != 0);
    return add(hash, std::string_view(digits + at, sizeof digits - at));
}
}  // namespace fnv

// FNV-1a over "name:type:offset;" of every field of the first record version; arrays are
// "type*count", texts "textWIDTH". Slow facts follow with "@" before their names. Reserved bytes
// and fields appended later stay out, so a minor version keeps the hash and every other change of
// layout makes a new one.
[[nodiscard]] constexpr std::uint64_t layout_hash(std::span<const FieldInfo> fields,
                                                  std::string_view prefix = {},
                                                  std::uint64_t hash = fnv::kBasis) {
    for (const FieldInfo& field : fields) {
        if (field.role == FieldRole::reserved || field.since > 1) continue;
        hash = fnv::add(fnv::add(fnv::add(hash, prefix), field.name), ":");
        hash = fnv::add(hash, name(field.type));
        if (field.type == FieldType::text) hash = fnv::add(hash, field.width);
        if (field.count != 1) hash = fnv::add(fnv::add(hash, "*"), field.count);
        hash = fnv::add(fnv::add(fnv::add(hash, ":"), field.offset), ";");
    }
    return hash;
}

// True when the fields follow each other and cover `size` bytes exactly once.
[[nodiscard]] constexpr bool covers(std::span<const FieldInfo> fields, std::size_t size) {
    std::size_t next = 0;
    for (const FieldInfo& field : fields) {
        if (field.offset != next || field.count == 0) return false;
        next += static_cast<std::size_t>(element_size(field)) * field.count;
    }
    return next == size;
}

// Element `index` of the field in a record's bytes. A u64 above INT64_MAX keeps its bits and
// comes out negative: cast it back by the type. The caller has checked that the record is as long
// as its fields say.
[[nodiscard]] std::int64_t field_value(const FieldInfo& field, const std::byte* record,
                                       std::uint32_t index = 0);

// Element `index` of a text, up to its first NUL.
[[nodiscard]] std::string_view field_words(const FieldInfo& field, const std::byte* record,
                                           std::uint32_t index = 0);

// The value's word; "?7" without one, "-" when not known.
[[nodiscard]] std::string word_text(const FieldInfo& field, std::int64_t value);

// True when the value says "not known".
[[nodiscard]] inline bool is_unknown(const FieldInfo& field, std::int64_t value) {
    return field.unknown.has_value() && *field.unknown == value;
}

// The first enumeration of the record whose number has no word and is not its "not known", as text
// for the operator; empty without one.
[[nodiscard]] std::string wrong_word(std::span<const FieldInfo> fields, const std::byte* record);

}  // namespace wanctl
