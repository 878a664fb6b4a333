// Builds the WANs of a process out of their configurations and runs them until told to stop.
#pragma once

#include "autorate/reload.hpp"
#include "common/clock.hpp"
#include "common/log/log.hpp"

namespace wanctl::autorate {

// SIGTERM and SIGINT stop as [write] on_exit says, a second one at once; SIGUSR2 stops as if it
// said "keep"; SIGHUP reads the files again.
//
// Returns the exit code: 0 stopped, 69 cannot measure, 70 the system refuses what should work, 75 a
// WAN's name is held by another process or user, 78 a secret or setting does not work on this
// machine. One WAN that cannot start keeps all from starting.
int run_service(std::vector<ConfigFile> files, const Clock& clock, Log& log);

}  // namespace wanctl::autorate
