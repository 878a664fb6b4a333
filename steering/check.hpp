// `wanctl-steering check`: what is wrong around steering before it is started.
#pragma once

#include "common/config/steering_config.hpp"

namespace wanctl::steering {

// Prints what is wrong with the lines' names and with the router's set-up, with what mends it. Exit
// code: 0 nothing is wrong, 1 there are findings, 69 the router or its password could not be read.
[[nodiscard]] int check(const SteeringConfig& config);

}  // namespace wanctl::steering
