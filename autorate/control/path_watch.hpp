// Tells a longer path from a loaded line: load lets go now and then, a path does not.
//
// The baseline learns only from samples near it, so a path that became longer by more than that
// would never be learnt. This watch keeps the least round trip since the last one that was near:
// when none has been for the whole escape time, the path has no shorter round trip to give, and
// that least one is the new baseline. One near sample starts it over. A path that became shorter
// shows at once, since nothing else makes a round trip shorter: there a few seconds will do.
#pragma once

#include <algorithm>
#include <optional>

#include "common/units.hpp"

namespace wanctl::autorate {

class PathWatch {
  public:
    // A sample is near up to `near` from the baseline. 0 as `escape`: off.
    PathWatch(Nanos escape, Millis near) : escape_(escape), near_(near) {}

    // Takes one sample that stands for `elapsed` (of which a second counts at most: silence is no
    // evidence). The new baseline, when the path has changed.
    std::optional<Millis> observe(Millis rtt, Millis baseline, Nanos elapsed);

    // For how long every round trip has been longer than near, and the least of them.
    [[nodiscard]] Nanos longer_for() const { return side_ == Side::longer ? away_ : Nanos(0); }
    [[nodiscard]] Millis least() const { return side_ == Side::longer ? nearest_ : Millis(0); }

  private:
    enum class Side { near, longer, shorter };

    Nanos escape_;
    Millis near_;
    Side side_ = Side::near;
    Nanos away_{};      // on that side without a break
    Millis nearest_{};  // to the baseline, of the samples on that side
};

}  // namespace wanctl::autorate
