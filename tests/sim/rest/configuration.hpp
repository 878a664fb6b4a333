// The router's whole configuration as text, to be compared before and after.
#pragma once

#include <map>
#include <string>

#include "tests/sim/rest/menu.hpp"

namespace wanctl::sim {

// One JSON object: by menu its records, in their order, without what changes by itself (counters,
// rates, uptime) and without the log.
[[nodiscard]] std::string configuration_json(const std::map<std::string, Menu*>& menus);

}  // namespace wanctl::sim
