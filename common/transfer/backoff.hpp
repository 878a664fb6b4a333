// Growing waits between attempts, with jitter so that several clients do not come back together.
#pragma once

#include <algorithm>
#include <cstdint>
#include <random>

#include "common/units.hpp"

namespace wanctl::transfer {

// Each delay is in [base/2, base], base doubling from `first` up to `cap`.
class Backoff {
  public:
    Backoff(Nanos first, std::uint32_t seed) : first_(first), base_(first), random_(seed) {}

    [[nodiscard]] Nanos next(Nanos cap) {
        const Nanos base = std::min(base_, cap);
        base_ = std::min(base_ * 2, cap);
        std::uniform_int_distribution<Nanos::rep> jitter(base.count() / 2, base.count());
        return Nanos(jitter(random_));
    }
    void reset() { base_ = first_; }

  private:
    Nanos first_;
    Nanos base_;
    std::minstd_rand random_;
};

}  // namespace wanctl::transfer
