// The target of a REST request taken apart: path segments and the query's fields.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sim/rest/record.hpp"

namespace wanctl::sim {

struct RestTarget {
    std::vector<std::string> path;  // below /rest, decoded
    // A `%2A` was in the path. The router does not decode it, so it is no id.
    bool encoded_asterisk = false;
    Record filters;                     // `name=x`: every field without a leading point
    std::vector<std::string> proplist;  // `.proplist=a,b`; empty = all
};

// Nothing when the path is not below /rest.
[[nodiscard]] std::optional<RestTarget> parse_target(std::string_view target);

}  // namespace wanctl::sim
