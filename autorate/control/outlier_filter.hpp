// Hampel's filter: a round trip far from the median of those before it is replaced by that median.
//
// Far is three times the scaled median deviation; in a window without any spread nothing is far.
// The window is 350 ms of samples as they come, each once: seven at 50 ms, never fewer than three.
// What has been far for more than 50 ms is no outlier but a step, and passes: the plain filter,
// which waits until its window is half new, sees a line that shrinks 200 ms late. For one or two
// reflectors: the median over three does this without any delay.
#pragma once

#include <array>
#include <cstddef>

#include "common/units.hpp"

namespace wanctl::autorate {

class OutlierFilter {
  public:
    explicit OutlierFilter(Nanos interval);

    // What the law shall take for this sample; `sure`: the sample, without a doubt. It enters the
    // window as it is.
    Millis pass(Millis rtt, bool sure = false);

    // Whether the last sample was replaced.
    [[nodiscard]] bool replaced() const { return replaced_; }

  private:
    static constexpr std::size_t kLargest = 79;  // at 5 ms

    [[nodiscard]] Millis median() const { return sorted_[size_ / 2]; }
    [[nodiscard]] Millis median_deviation() const;
    [[nodiscard]] bool is_far(Millis rtt) const;
    void remember(Millis rtt);

    std::size_t size_;                       // odd
    std::size_t count_ = 0;                  // until the window is full, samples pass
    std::size_t oldest_ = 0;                 // in window_
    std::array<Millis, kLargest> window_{};  // as they came
    std::array<Millis, kLargest> sorted_{};
    int most_in_a_row_;  // replaced at most
    int in_a_row_ = 0;   // far from the median
    bool replaced_ = false;
};

}  // namespace wanctl::autorate
