// Raises the threshold for a while when the rule has gone on and off too often. Pure.
#pragma once

#include <array>
#include <optional>

#include "common/config/steering_config.hpp"

namespace wanctl::steering {

class FlapGuard {
  public:
    explicit FlapGuard(const FlapConfig& config) : config_(config) {}

    void toggled(SteadyTime now);

    // Added to the threshold now.
    [[nodiscard]] int penalty(SteadyTime now) const;
    // Until the threshold is its own again; nothing when it is.
    [[nodiscard]] std::optional<Nanos> penalty_left(SteadyTime now) const;
    // Within the window that ends now.
    [[nodiscard]] int toggles(SteadyTime now) const;

  private:
    FlapConfig config_;
    // The last ones, in a circle: one more than may go without a penalty is all that counts.
    std::array<SteadyTime, kMaxFlapToggles + 1> at_{};
    std::size_t count_ = 0;
    std::size_t next_ = 0;
    std::optional<SteadyTime> penalty_until_;
};

}  // namespace wanctl::steering
