#include "tests/sim/rest/property.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include <fmt/format.h>

namespace wanctl::sim {
namespace {

struct TimeUnit {
    std::string_view name;
    Nanos length;
};

// Largest first, as RouterOS writes them. "ms" must be tried before "m" when reading.
constexpr std::array kTimeUnits = {
    TimeUnit{"w", std::chrono::hours(24 * 7)}, TimeUnit{"d", std::chrono::hours(24)},
    TimeUnit{"h", std::chrono::hours(1)},      TimeUnit{"ms", std::chrono::milliseconds(1)},
    TimeUnit{"m", std::chrono::minutes(1)},    TimeUnit{"us", std::chrono::microseconds(1)},
    TimeUnit{"s", std::chrono::seconds(1)},
};
constexpr std::array kWrittenUnits = {
    TimeUnit{"w", std::chrono::hours(24 * 7)},    TimeUnit{"d", std::chrono::hours(24)},
    TimeUnit{"h", std::chrono::hours(1)},         TimeUnit{"m", std::chrono::minutes(1)},
    TimeUnit{"s", std::chrono::seconds(1)},       TimeUnit{"ms", std::chrono::milliseconds(1)},
    TimeUnit{"us", std::chrono::microseconds(1)},
};

std::optional<std::int64_t> parse_integer(std::string_view text) {
    std::int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end) return std::nullopt;
    return value;
}

std::optional<double> parse_decimal(std::string_view text) {
    if (text.empty() || text.find_first_not_of("0123456789.-") != text.npos) return std::nullopt;
    double value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || stop != end) return std::nullopt;
    return value;
}

// "01:30:00" and "10:05" as RouterOS takes them; nothing for any other form.
std::optional<Nanos> parse_clock_form(std::string_view text) {
    const auto parts = split(text, ':');
    if (parts.size() < 2 || parts.size() > 3) return std::nullopt;
    std::int64_t seconds = 0;
    for (const auto& part : parts) {
        const auto number = parse_integer(part);
        if (!number || *number < 0 || *number > 1'000'000) return std::nullopt;
        seconds = seconds * 60 + *number;
    }
    return std::chrono::seconds(seconds);
}

Outcome<std::string> in_range(const PropertySpec& spec, bool inside, std::string value) {
    if (inside) return value;
    return refuse(fmt::format("value of {} out of range ({}..{})", spec.name, spec.min, spec.max));
}

tl::unexpected<Refusal> invalid(const PropertySpec& spec) {
    return refuse(fmt::format("invalid value for argument {}", spec.name));
}

Outcome<std::string> chosen(const PropertySpec& spec, std::string_view value) {
    const auto allowed = split(spec.choices, ',');
    const bool many = spec.type == ValueType::choices;
    const auto wanted = many ? split(value, ',') : std::vector<std::string>{std::string(value)};
    for (const auto& word : wanted) {
        if (std::find(allowed.begin(), allowed.end(), word) == allowed.end()) {
            return refuse(fmt::format("input does not match any value of {}", spec.name));
        }
    }
    return std::string(value);
}

}  // namespace

const PropertySpec* find_property(std::span<const PropertySpec> specs, std::string_view name) {
    const auto at = std::find_if(specs.begin(), specs.end(),
                                 [name](const auto& spec) { return spec.name == name; });
    return at == specs.end() ? nullptr : &*at;
}

tl::unexpected<Refusal> refuse_unknown_parameter(std::string_view name) {
    return refuse(fmt::format("unknown parameter {}", name));
}

Outcome<std::string> normalised(const PropertySpec& spec, std::string_view value) {
    if (spec.optional && value.empty()) return std::string();
    if (spec.negatable && value.starts_with('!')) {
        auto rest = normalised(spec, value.substr(1));
        if (!rest || rest->empty() || rest->front() == '!') return invalid(spec);
        return "!" + *rest;
    }
    switch (spec.type) {
        case ValueType::text:
            return std::string(value);
        case ValueType::flag:
            if (const auto flag = parse_flag(value)) return std::string(*flag ? "true" : "false");
            return invalid(spec);
        case ValueType::rate:
            if (const auto rate = parse_rate(value)) return fmt::format("{}", *rate);
            return invalid(spec);
        case ValueType::duration:
            if (const auto duration = parse_duration(value)) return format_duration(*duration);
            return invalid(spec);
        case ValueType::integer:
            if (const auto number = parse_integer(value)) {
                return in_range(spec, *number >= spec.min && *number <= spec.max,
                                fmt::format("{}", *number));
            }
            return invalid(spec);
        case ValueType::decimal:
            if (const auto number = parse_decimal(value)) {
                return in_range(spec,
                                *number >= static_cast<double>(spec.min) &&
                                    *number <= static_cast<double>(spec.max),
                                fmt::format("{:g}", *number));
            }
            return invalid(spec);
        case ValueType::choice:
        case ValueType::choices:
            return chosen(spec, value);
        case ValueType::presence:
            if (value.empty() || parse_flag(value)) return std::string();
            return invalid(spec);
    }
    return invalid(spec);
}

std::optional<std::int64_t> parse_rate(std::string_view text) {
    std::int64_t unit = 1;
    if (!text.empty()) {
        const char suffix = text.back();
        if (suffix == 'k') unit = 1'000;
        if (suffix == 'M') unit = 1'000'000;
        if (suffix == 'G') unit = 1'000'000'000;
        if (unit != 1) text.remove_suffix(1);
    }
    const auto number = parse_integer(text);
    if (!number || *number < 0 || *number > std::numeric_limits<std::int64_t>::max() / unit) {
        return std::nullopt;
    }
    return *number * unit;
}

std::optional<bool> parse_flag(std::string_view text) {
    if (text == "true" || text == "yes") return true;
    if (text == "false" || text == "no") return false;
    return std::nullopt;
}

std::optional<Nanos> parse_duration(std::string_view text) {
    constexpr std::int64_t kLongestS = 100LL * 365 * 24 * 3600;
    if (text.empty()) return std::nullopt;
    if (text.find(':') != text.npos) return parse_clock_form(text);
    Nanos total{0};
    while (!text.empty()) {
        const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
        const auto number = parse_integer(text.substr(0, digits));
        if (!number || *number > kLongestS) return std::nullopt;
        text.remove_prefix(digits);
        const auto unit = std::find_if(kTimeUnits.begin(), kTimeUnits.end(),
                                       [text](const auto& u) { return text.starts_with(u.name); });
        const bool bare = text.empty();
        if (!bare && unit == kTimeUnits.end()) return std::nullopt;
        const Nanos length = bare ? Nanos(std::chrono::seconds(1)) : unit->length;
        if (*number > std::chrono::seconds(kLongestS) / length) return std::nullopt;
        total += length * *number;
        if (!bare) text.remove_prefix(unit->name.size());
    }
    return total;
}

std::string format_duration(Nanos duration) {
    std::string out;
    for (const auto& unit : kWrittenUnits) {
        const auto count = duration / unit.length;
        if (count == 0) continue;
        out += fmt::format("{}{}", count, unit.name);
        duration -= unit.length * count;
    }
    return out.empty() ? "0s" : out;
}

std::string format_id(std::uint32_t id) {
    return fmt::format("*{:X}", id);
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto at = text.find(separator);
        parts.emplace_back(text.substr(0, at));
        if (at == text.npos) break;
        text.remove_prefix(at + 1);
    }
    return parts;
}

}  // namespace wanctl::sim
