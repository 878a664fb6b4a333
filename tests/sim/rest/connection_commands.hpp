// The control channel's commands about the connections from the LAN.
#pragma once

#include "tests/sim/rest/command_table.hpp"
#include "tests/sim/rest/connections.hpp"

namespace wanctl::sim {

// traffic, connect and connections. The connections must outlive the table.
void add_traffic_commands(CommandTable& table, ConnectionTable& connections);

}  // namespace wanctl::sim
