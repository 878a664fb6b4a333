// JSON as RouterOS speaks it: requests are one flat object, replies are compact and hold strings
// only.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/rest/record.hpp"

namespace wanctl::sim {

// The members of a request object. Numbers and booleans arrive as the text RouterOS makes of them:
// octal and hexadecimal numbers in decimal, `true`/`false` as words. Arrays of strings (.proplist,
// .query) are kept apart.
struct Arguments {
    std::map<std::string, std::string> values;
    std::map<std::string, std::vector<std::string>> lists;
};

// Nothing when the text is not one flat JSON object, or holds a number with an exponent.
// An empty text is an object without members.
[[nodiscard]] std::optional<Arguments> parse_arguments(std::string_view text);

[[nodiscard]] std::string quoted(std::string_view text);
[[nodiscard]] std::string to_json(const Record& record);
[[nodiscard]] std::string to_json(const std::vector<Record>& records);

}  // namespace wanctl::sim
