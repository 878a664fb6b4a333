// The cycle of 50 ms that both references' constants are stated for, and how a weight stated per
// cycle runs at any interval.
#pragma once

#include <chrono>
#include <cmath>
#include <ratio>

#include "common/units.hpp"

namespace wanctl {

inline constexpr Nanos kReferenceCycle = std::chrono::milliseconds(50);

// Elapsed time in cycles of 50 ms; exactly 1 for one reference cycle.
using Cycles = std::chrono::duration<double, std::ratio<1, 20>>;

// The weight of a sample that stands for `elapsed`: composes over gaps, and is the reference's own
// value, bit for bit, where it applies.
inline Ratio weight_over(Ratio per_cycle, Cycles elapsed) {
    return elapsed.count() == 1.0 ? per_cycle
                                  : Ratio{1.0 - std::pow(1.0 - per_cycle.value, elapsed.count())};
}

}  // namespace wanctl
