// The settable properties of a menu as a table, and RouterOS's ways of reading and writing a value.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/units.hpp"
#include "tests/sim/rest/record.hpp"

namespace wanctl::sim {

enum class ValueType {
    text,
    flag,      // yes/no/true/false in, true/false out
    rate,      // bit/s with an optional k, M or G in, plain digits out
    duration,  // 1w2d3h4m5s6ms7us, h:m:s or plain seconds in, the first form out
    integer,   // min..max
    decimal,   // min..max
    choice,    // one of `choices`
    choices,   // a comma list of `choices`
    presence,  // there or not: empty, yes or true in, empty out; no or false takes it away
};

struct PropertySpec {
    std::string_view name;
    ValueType type = ValueType::text;
    // The value of a new item; an empty one is not returned at all when `optional`.
    std::string_view initial = {};
    bool optional = false;
    std::int64_t min = 0;
    std::int64_t max = 0;
    std::string_view choices = {};  // separated by commas
    bool negatable = false;         // may begin with an exclamation mark, as matchers do
};

[[nodiscard]] const PropertySpec* find_property(std::span<const PropertySpec> specs,
                                                std::string_view name);

[[nodiscard]] tl::unexpected<Refusal> refuse_unknown_parameter(std::string_view name);

// The value as the router would store and return it, or its refusal.
[[nodiscard]] Outcome<std::string> normalised(const PropertySpec& spec, std::string_view value);

[[nodiscard]] std::optional<std::int64_t> parse_rate(std::string_view text);
[[nodiscard]] std::optional<bool> parse_flag(std::string_view text);
[[nodiscard]] std::optional<Nanos> parse_duration(std::string_view text);
[[nodiscard]] std::string format_duration(Nanos duration);

// `*1000000`: an asterisk and upper-case hexadecimal digits.
[[nodiscard]] std::string format_id(std::uint32_t id);

// The parts of a comma list; none for an empty text.
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);

}  // namespace wanctl::sim
