// The control channel's commands about firewall rules: what an administrator does to them, and the
// configuration as a whole.
#pragma once

#include "tests/sim/rest/command_table.hpp"
#include "tests/sim/rest/router_model.hpp"

namespace wanctl::sim {

// The model must outlive the table.
void add_rule_commands(CommandTable& table, RouterModel& model);

}  // namespace wanctl::sim
