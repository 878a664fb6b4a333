// Builds the daemon out of its configuration and runs it until it is told to stop.
#pragma once

#include "common/clock.hpp"
#include "common/config/parse.hpp"
#include "common/log/log.hpp"

namespace wanctl::steering {

// SIGTERM and SIGINT stop as [failsafe] on_exit says, a second one at once; SIGUSR2 stops as if it
// said "keep".
//
// Returns the exit code: 0 stopped, 70 the system refuses what should work, 75 another process or
// user has the name "steering", 78 a secret or setting does not work on this machine.
int run_service(const Parsed<SteeringConfig>& file, const Clock& clock, Log& log);

}  // namespace wanctl::steering
