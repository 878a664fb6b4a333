// How the reference law, stated per 50 ms cycle, runs at any interval.
//
// The reference counts cycles of 50 ms. Here counts are durations, weights compose over gaps and
// factors are powers of elapsed time, so that a step response is the same at 5 ms and at 100 ms:
//   alpha(dt) = 1 - (1 - 0.05/tc)^(dt/0.05), 1 for tc < 0.05 s;  factor(dt) = f^(dt/50 ms);
//   step(dt) = step * dt/50 ms.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>

#include "common/reference_cycle.hpp"
#include "common/units.hpp"

namespace wanctl::autorate {

// The weight of a sample that stands for `elapsed`.
inline Ratio ewma_weight(std::chrono::duration<double> time_constant, Cycles elapsed) {
    const double per_cycle = 0.05 / time_constant.count();
    if (!(per_cycle < 1.0)) {
        return Ratio{1.0};
    }
    return weight_over(Ratio{per_cycle}, elapsed);
}

inline Ratio factor_over(Ratio per_cycle, Cycles elapsed) {
    return elapsed.count() == 1.0 ? per_cycle : Ratio{std::pow(per_cycle.value, elapsed.count())};
}

// A run of equal verdicts, in slots. A duration counts the first sample as one interval.
class Streak {
  public:
    void extend(std::int64_t slot) {
        if (!first_slot_) {
            first_slot_ = slot;
        }
    }
    void reset() { first_slot_.reset(); }
    [[nodiscard]] bool lasted(Nanos required, Nanos interval, std::int64_t slot) const {
        return first_slot_ && (slot - *first_slot_ + 1) * interval >= required;
    }
    // Slots between its first and this one.
    [[nodiscard]] std::int64_t slots_since(std::int64_t slot) const {
        return first_slot_ ? slot - *first_slot_ : 0;
    }

  private:
    std::optional<std::int64_t> first_slot_;
};

}  // namespace wanctl::autorate
