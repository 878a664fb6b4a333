// The whole life of a wanctl-steering process after its configuration is read.
#pragma once

#include "common/clock.hpp"
#include "common/log/log.hpp"
#include "steering/reload.hpp"

namespace wanctl::steering {

// SIGTERM and SIGINT stop as [failsafe] on_exit says, a second one at once; SIGUSR2 stops as if it
// said "keep"; SIGHUP reads the configuration again.
//
// Returns the exit code: 0 stopped, 70 the system refuses what should work, 75 another process or
// user has the name "steering", 78 a secret or setting does not work on this machine.
[[nodiscard]] int run_service(ConfigFile file, const Clock& clock, Log& log);

}  // namespace wanctl::steering
