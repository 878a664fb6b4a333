// Is a steering record believable? For readers of shared memory: copy first, then ask this about
// the copy.
#pragma once

#include <string>

#include "common/record/steering_record.hpp"
#include "common/units.hpp"

namespace wanctl {

// The first thing wrong with the record, as text for the operator; empty when it is believable.
// Looks at ranges of enumerations, times against `now` (CLOCK_MONOTONIC of the same boot) and
// counts.
[[nodiscard]] std::string first_fault(const SteeringRecord& record, SteadyTime now);

}  // namespace wanctl
