#include "shm/inspect/render.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>

#include <fmt/chrono.h>
#include <fmt/format.h>

#include "common/printable.hpp"
#include "common/record/cycle_record.hpp"

namespace wanctl::inspect {
namespace {

std::string number_text(const FieldInfo& field, std::int64_t value) {
    return field.type == FieldType::u64 ? fmt::format("{}", static_cast<std::uint64_t>(value))
                                        : fmt::format("{}", value);
}

std::string bits_text(const FieldInfo& field, std::int64_t value) {
    std::string words;
    for (unsigned bit = 0; bit < 8 * size_of(field.type); ++bit) {
        if (((static_cast<std::uint64_t>(value) >> bit) & 1U) == 0) continue;
        const std::string_view word = field.names->of(bit);
        if (!words.empty()) words += ' ';
        words += word.empty() ? fmt::format("bit{}", bit) : std::string(word);
    }
    return words.empty() ? "-" : words;
}

std::string csv_value(const FieldInfo& field, const std::byte* record, std::uint32_t index) {
    const std::int64_t value = field_value(field, record, index);
    if (is_unknown(field, value)) return {};
    if (field.role == FieldRole::enumeration) return word_text(field, value);
    return number_text(field, value);
}

// What follows the last field is a comma too many.
std::string without_last(std::string line) {
    if (!line.empty()) line.pop_back();
    return line;
}

std::uint32_t shown_elements(const FieldInfo& field, const std::byte* record) {
    std::uint32_t count = field.count;
    if (field.role == FieldRole::per_index) {
        count = std::min(count, static_cast<std::uint32_t>(field.names->values.size()));
    }
    const auto nothing = [&](std::uint32_t index) {
        return field.type == FieldType::text ? field_words(field, record, index).empty()
                                             : is_unknown(field, field_value(field, record, index));
    };
    while (count > 1 && nothing(count - 1)) --count;
    return count;
}

}  // namespace

std::string duration_text(Nanos duration) {
    const double ns = static_cast<double>(duration.count());
    const double size = std::abs(ns);
    if (size < 1e3) return fmt::format("{} ns", duration.count());
    if (size < 1e6) return fmt::format("{:.1f} us", ns / 1e3);
    if (size < 1e9) return fmt::format("{:.1f} ms", ns / 1e6);
    if (size < 120e9) return fmt::format("{:.1f} s", ns / 1e9);
    const auto minutes = duration.count() / 60'000'000'000;
    if (size < 7200e9) {
        return fmt::format("{} min {} s", minutes, duration.count() / 1'000'000'000 % 60);
    }
    if (size < 172'800e9) return fmt::format("{} h {} min", minutes / 60, minutes % 60);
    return fmt::format("{} d {} h", minutes / 1440, minutes / 60 % 24);
}

std::string rate_text(std::int64_t bps) {
    const double value = static_cast<double>(bps);
    if (std::abs(value) >= 1e9) return fmt::format("{:.3f} Gbit/s", value / 1e9);
    if (std::abs(value) >= 1e6) return fmt::format("{:.1f} Mbit/s", value / 1e6);
    return fmt::format("{:.1f} kbit/s", value / 1e3);
}

std::string held_text(std::int64_t bps) {
    if (bps == kUnknownRate) return "unknown";
    return bps == 0 ? "no limit" : rate_text(bps);
}

std::string time_text(Nanos since_epoch, bool with_date) {
    const auto seconds = static_cast<std::time_t>(since_epoch.count() / 1'000'000'000);
    const auto milliseconds = since_epoch.count() / 1'000'000 % 1000;
    const std::tm local = fmt::localtime(seconds);
    return with_date ? fmt::format("{:%Y-%m-%d %H:%M:%S}.{:03}", local, milliseconds)
                     : fmt::format("{:%H:%M:%S}.{:03}", local, milliseconds);
}

std::string value_text(const FieldInfo& field, const std::byte* record, std::uint32_t index) {
    if (field.type == FieldType::text) {
        const std::string words = printable(field_words(field, record, index));
        return words.empty() ? "-" : words;
    }
    const std::int64_t value = field_value(field, record, index);
    if (is_unknown(field, value)) return "-";
    if (field.role == FieldRole::enumeration) return word_text(field, value);
    if (field.role == FieldRole::bits) return bits_text(field, value);
    if (field.name == "real_ns") return time_text(Nanos(value), true);
    if (field.unit == "ns") return duration_text(Nanos(value));
    if (field.unit == "us") return duration_text(Micros(value));
    if (field.unit == "bit/s") return rate_text(value);
    const std::string number = number_text(field, value);
    return field.unit.empty() ? number : fmt::format("{} {}", number, field.unit);
}

std::string field_text(const FieldInfo& field, const std::byte* record) {
    const std::uint32_t count = shown_elements(field, record);
    std::string line;
    for (std::uint32_t i = 0; i < count; ++i) {
        if (!line.empty()) line += ", ";
        if (field.role == FieldRole::per_index) line += fmt::format("{} ", field.names->of(i));
        line += value_text(field, record, i);
    }
    return line;
}

std::string csv_header(std::span<const FieldInfo> fields) {
    std::string line;
    for (const FieldInfo& field : fields) {
        if (field.role == FieldRole::reserved) continue;
        for (std::uint32_t i = 0; i < field.count; ++i) {
            line += field.count == 1 ? fmt::format("{},", field.name)
                                     : fmt::format("{}_{},", field.name, i);
        }
    }
    return without_last(std::move(line));
}

std::string csv_line(std::span<const FieldInfo> fields, const std::byte* record) {
    std::string line;
    for (const FieldInfo& field : fields) {
        if (field.role == FieldRole::reserved) continue;
        for (std::uint32_t i = 0; i < field.count; ++i) line += csv_value(field, record, i) + ',';
    }
    return without_last(std::move(line));
}

}  // namespace wanctl::inspect
