// `wanctl-steering check`: reads the router's set-up once and says what is wrong with it.
#pragma once

#include "common/config/steering_config.hpp"
#include "common/error.hpp"
#include "steering/rule/lint.hpp"

namespace wanctl::steering {

// Reads the four menus over one connection, and nothing else; blocks until they are there or the
// router has failed. The error names the router, the cause and the remedy.
[[nodiscard]] Result<RouterMenus> read_router_menus(const RouterConfig& router);

// Prints the findings with their commands. Exit code: 0 nothing is wrong, 1 there are findings, 69
// the router or its password could not be read.
[[nodiscard]] int check_router(const SteeringConfig& config);

}  // namespace wanctl::steering
