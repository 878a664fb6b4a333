// A decision in the form of its record.
#pragma once

#include "common/record/steering_record.hpp"
#include "steering/decide/decision.hpp"

namespace wanctl::steering {

// Fills in what the decision tells: the lines' signals, the assessment, the score, the timers, the
// state, the action and the reason. The rest of the record (times, counts of the rings, rule and
// router) stays as it is.
void tell(const SteeringDecision& decision, SteeringRecord& record);

}  // namespace wanctl::steering
