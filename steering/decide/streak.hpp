// For how long a condition has held without a break.
#pragma once

#include <optional>

#include "common/units.hpp"

namespace wanctl::steering {

class Streak {
  public:
    void update(bool holds, SteadyTime at) {
        if (!holds) {
            since_.reset();
        } else if (!since_) {
            since_ = at;
        }
    }
    void reset() { since_.reset(); }
    [[nodiscard]] bool running() const { return since_.has_value(); }
    [[nodiscard]] Nanos held(SteadyTime at) const { return since_ ? at - *since_ : Nanos(0); }

  private:
    std::optional<SteadyTime> since_;
};

}  // namespace wanctl::steering
