// The commands of a correct set-up for steering, to be pasted into the router's console.
#pragma once

#include <string>

#include "steering/rule/setup_names.hpp"

namespace wanctl::steering {

// Lines of console commands and comments; every command is a line of its own. No password is in it.
[[nodiscard]] std::string router_setup_text(const SetupNames& names);

// `wanctl-steering router-setup`: prints that text. An empty gateway leaves the names to be filled
// in. Exit code: 0, or 64 for a gateway that is not ADDRESS%PORT.
[[nodiscard]] int print_router_setup(const SteeringConfig& config, const std::string& gateway,
                                     const std::string& lan_list);

}  // namespace wanctl::steering
