// The control channel's commands for what goes wrong with replies, logins and connections.
#pragma once

#include "tests/sim/rest/command_table.hpp"
#include "tests/sim/rest/request_desk.hpp"
#include "tests/sim/rest/rest_server.hpp"
#include "tests/sim/rest/router_model.hpp"

namespace wanctl::sim {

// All of them must outlive the table.
void add_reply_commands(CommandTable& table, RequestDesk& desk);
void add_login_commands(CommandTable& table, RequestDesk& desk, RouterModel& model);
void add_connection_commands(CommandTable& table, RestServer& server);

}  // namespace wanctl::sim
