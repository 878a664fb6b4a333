// Is a steering record believable? For readers of shared memory: copy first, then ask this about
// the copy.
#pragma once

#include <span>
#include <string>

#include "common/record/steering_fields.hpp"
#include "common/record/steering_record.hpp"
#include "common/units.hpp"

namespace wanctl {

// The first thing wrong with the record, as text for the operator; empty when it is believable.
// Looks at ranges of enumerations, times against `now` (CLOCK_MONOTONIC of the same boot) and
// counts. `fields` of a newer minor version may know more words than this program.
[[nodiscard]] std::string first_fault(const SteeringRecord& record, SteadyTime now,
                                      std::span<const FieldInfo> fields = steering_fields());

}  // namespace wanctl
