// Raises the threshold for a while when the rule has gone on and off too often. Pure.
#pragma once

#include <array>
#include <optional>

#include "common/config/steering_config.hpp"

namespace wanctl::steering {

// What the guard knows, to be kept beyond the process.
struct FlapMemory {
    // Oldest first; one more than may go without a penalty is all that counts.
    std::array<SteadyTime, kMaxFlapToggles + 1> at{};
    std::size_t count = 0;
    std::optional<SteadyTime> penalty_until;

    // Drops the oldest when there is no room.
    void add(SteadyTime toggle);
};

class FlapGuard {
  public:
    explicit FlapGuard(const FlapConfig& config) : config_(config) {}

    // Other settings, from the next toggle on; a penalty that runs goes on.
    void reconfigure(const FlapConfig& config) { config_ = config; }
    [[nodiscard]] const FlapMemory& memory() const { return memory_; }
    void restore(const FlapMemory& memory) { memory_ = memory; }

    void toggled(SteadyTime now);

    // Added to the threshold now.
    [[nodiscard]] int penalty(SteadyTime now) const;
    // Until the threshold is its own again; nothing when it is.
    [[nodiscard]] std::optional<Nanos> penalty_left(SteadyTime now) const;
    // Within the window that ends now.
    [[nodiscard]] int toggles(SteadyTime now) const;

  private:
    FlapConfig config_;
    FlapMemory memory_;
};

}  // namespace wanctl::steering
