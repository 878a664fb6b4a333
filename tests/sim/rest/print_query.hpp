// The `.query` words of a print command: API query words over one record.
#pragma once

#include <string>
#include <vector>

#include "tests/sim/rest/record.hpp"

namespace wanctl::sim {

// `name` (present), `-name` (absent), `name=v`, `<name=v`, `>name=v`, and on the results so far
// `#!`, `#&`, `#|`. What is left at the end must all hold.
[[nodiscard]] bool matches(const Record& record, const std::vector<std::string>& words);

// As a URL filter: the returned text must be equal, where yes and no also stand for true and false.
[[nodiscard]] bool matches_filters(const Record& record, const Record& filters);

// The named properties only, in the record's own order; all when the list is empty.
[[nodiscard]] Record projected(const Record& record, const std::vector<std::string>& proplist);

}  // namespace wanctl::sim
