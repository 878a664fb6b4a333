// What the decider says at one moment: everything a record or a view wants to tell of it.
#pragma once

#include <array>
#include <optional>

#include "common/record/steering_record.hpp"
#include "steering/decide/confidence.hpp"
#include "steering/decide/line_signals.hpp"

namespace wanctl::steering {

struct TimerState {
    Nanos left{};
    Nanos length{};
};

struct SteeringDecision {
    SteeringState state = SteeringState::good;
    SteadyTime since{};  // of the state
    SteeringAction action = SteeringAction::none;
    SteeringReason reason = SteeringReason::none;
    Nanos held{};   // for how long the reason's cause has lasted
    Nanos limit{};  // how long it has to; 0 without a limit
    Assessment assessment = Assessment::unknown;
    std::optional<Score> score;  // nothing under the three-state policy, and before data
    int steer_threshold = 0;
    int recover_threshold = 0;
    int toggles = 0;  // within the flap window
    bool penalty_began = false;
    std::array<LineView, 2> line;                               // [SteeredWan]
    std::array<Usability, 2> usable{};                          // [SteeredWan]
    std::array<std::optional<TimerState>, kMaxTimers> timer{};  // [SteeringTimer]
};

}  // namespace wanctl::steering
