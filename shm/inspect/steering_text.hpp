// What the tool says of a steering record in sentences, beside the list of its fields.
#pragma once

#include <string>

#include "common/record/steering_record.hpp"

namespace wanctl::inspect {

// For a line of `dump`.
[[nodiscard]] std::string steering_line(const SteeringRecord& record);
// For `show`: the state, both lines' deltas, and why.
[[nodiscard]] std::string steering_headline(const SteeringRecord& record);

}  // namespace wanctl::inspect
