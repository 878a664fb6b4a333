// What of steering's decisions is worth keeping beyond the process.
#pragma once

#include "common/record/steering_states.hpp"
#include "steering/decide/flap_guard.hpp"

namespace wanctl::steering {

struct SteeringMemory {
    SteeringState state = SteeringState::good;
    SteadyTime since{};  // of the state: the hold-down counts from here
    FlapMemory flaps;
};

}  // namespace wanctl::steering
