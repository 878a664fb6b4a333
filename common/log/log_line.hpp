// One log line from its parts, safe against whatever the parts hold.
#pragma once

#include <concepts>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace wanctl {

// A key=value pair of a log line. Refers to its text, so it lives no longer than the statement.
struct LogField {
    using Value = std::variant<std::string_view, std::int64_t, std::uint64_t, double, bool>;

    std::string_view key;
    Value value;

    LogField(std::string_view k, std::string_view v) : key(k), value(v) {}
    LogField(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
    LogField(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
    LogField(std::string_view k, bool v) : key(k), value(v) {}
    LogField(std::string_view k, double v) : key(k), value(v) {}
    template <std::signed_integral Integer>
    LogField(std::string_view k, Integer v) : key(k), value(static_cast<std::int64_t>(v)) {}
    template <std::unsigned_integral Integer>
    requires(!std::is_same_v<Integer, bool>) LogField(std::string_view k, Integer v)
        : key(k), value(static_cast<std::uint64_t>(v)) {}
};

// Longer messages and values are cut, so that a line fits into what a pipe takes at once.
inline constexpr std::size_t kLongestLogMessage = 1024;
inline constexpr std::size_t kLongestLogValue = 512;

// `message key=value key="a value"`. Always one line: control characters and broken UTF-8 are
// escaped.
[[nodiscard]] std::string text_line(std::string_view message, std::span<const LogField> fields);

// `"message":"...","key":value`, without braces. Always valid JSON in valid UTF-8; NaN is null.
[[nodiscard]] std::string json_members(std::string_view message, std::span<const LogField> fields);

}  // namespace wanctl
