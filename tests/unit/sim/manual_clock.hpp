// Time that stands still until a test moves it.
#pragma once

#include "common/clock.hpp"

namespace wanctl::sim {

class ManualClock final : public Clock {
  public:
    [[nodiscard]] SteadyTime steady() const override { return SteadyTime(now_); }
    [[nodiscard]] WallTime wall() const override { return WallTime(kEpoch + now_); }
    void advance(Nanos by) { now_ += by; }

  private:
    // 2026-03-01 00:00:00 UTC.
    static constexpr Nanos kEpoch = std::chrono::seconds(1'772'323'200);
    Nanos now_{0};
};

}  // namespace wanctl::sim
