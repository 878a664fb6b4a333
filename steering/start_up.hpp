// The parts of the daemon, made from its configuration.
#pragma once

#include <memory>
#include <string>

#include "common/started.hpp"
#include "steering/daemon.hpp"

namespace wanctl::steering {

// Takes the name, reads the password and what the daemon before has left; nothing is sent before
// Daemon::start().
[[nodiscard]] Started<Parts> build_parts(const Surroundings& around, const SteeringConfig& config);

// Another link, which has sent nothing yet.
[[nodiscard]] std::shared_ptr<routeros::RouterLink> make_link(const Surroundings& around,
                                                              const RouterConfig& router,
                                                              const std::string& password);

}  // namespace wanctl::steering
