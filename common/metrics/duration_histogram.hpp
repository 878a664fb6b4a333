// How often something took how long: counts in fixed bounds, as Prometheus wants them.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "common/units.hpp"

namespace wanctl::metrics {

// A few machine instructions a value, no allocation.
class DurationHistogram {
  public:
    // Upper ends, in nanoseconds; what is above the last belongs to no bound.
    static constexpr std::array<std::int64_t, 16> kBounds{
        1'000,   2'500,     5'000,     10'000,    25'000,     50'000,     100'000,    250'000,
        500'000, 1'000'000, 2'500'000, 5'000'000, 10'000'000, 25'000'000, 50'000'000, 100'000'000};
    // The same in seconds.
    static constexpr std::array<std::string_view, 16> kSeconds{
        "1e-06",  "2.5e-06", "5e-06",  "1e-05", "2.5e-05", "5e-05", "0.0001", "0.00025",
        "0.0005", "0.001",   "0.0025", "0.005", "0.01",    "0.025", "0.05",   "0.1"};

    void add(Nanos value) {
        const auto at = std::lower_bound(kBounds.begin(), kBounds.end(), value.count());
        if (at != kBounds.end()) ++within_[static_cast<std::size_t>(at - kBounds.begin())];
        ++count_;
        sum_ += value;
    }

    // Values in bound `i` and not in those before it.
    [[nodiscard]] std::uint64_t within(std::size_t i) const { return within_[i]; }
    [[nodiscard]] std::uint64_t count() const { return count_; }
    [[nodiscard]] Nanos sum() const { return sum_; }

  private:
    std::array<std::uint64_t, kBounds.size()> within_{};
    std::uint64_t count_ = 0;
    Nanos sum_{};
};

}  // namespace wanctl::metrics
