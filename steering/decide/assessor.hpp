// GREEN, YELLOW or RED from the average delta, the drops and the queue. Pure.
#pragma once

#include "steering/decide/line_signals.hpp"

namespace wanctl::steering {

// RED needs all three; YELLOW needs one of delta and queue. What is not known does not count as
// high; without a delta there is no assessment.
[[nodiscard]] Assessment assess(const LineView& line, const ThreeStateConfig& config);

}  // namespace wanctl::steering
