// Builds the daemon out of its configuration and runs it until it is told to stop.
#pragma once

#include "common/clock.hpp"
#include "common/config/autorate_config.hpp"
#include "common/log/log.hpp"

namespace wanctl::autorate {

// Returns the exit code: 0 stopped, 69 cannot measure, 70 the system refuses what should work, 75
// the WAN's name is held by another process or user, 78 a secret or setting does not work on this
// machine.
int run_service(const AutorateConfig& config, const Clock& clock, Log& log);

}  // namespace wanctl::autorate
