#include "autorate/control/outlier_filter.hpp"

#include <algorithm>
#include <cmath>

#include "autorate/control/law_time.hpp"

namespace wanctl::autorate {

namespace {

// Makes the median deviation of normal noise its standard deviation.
constexpr double kScale = 1.4826;
constexpr double kSigmas = 3.0;
// Half of the window and its middle: seven samples at 50 ms.
constexpr Nanos kHalf = 4 * kReferenceCycle;
constexpr std::int64_t kLeastHalf = 2;

std::size_t window_size(Nanos interval) {
    return static_cast<std::size_t>(2 * std::max(kHalf / interval, kLeastHalf) - 1);
}

}  // namespace

OutlierFilter::OutlierFilter(Nanos interval)
    : size_(std::min(window_size(interval), kLargest)),
      most_in_a_row_(static_cast<int>(std::max<std::int64_t>(kReferenceCycle / interval, 1))) {}

Millis OutlierFilter::pass(Millis rtt, bool sure) {
    const bool far = count_ == size_ && !sure && is_far(rtt);
    in_a_row_ = far ? in_a_row_ + 1 : 0;
    replaced_ = far && in_a_row_ <= most_in_a_row_;
    const Millis out = replaced_ ? median() : rtt;
    remember(rtt);
    return out;
}

bool OutlierFilter::is_far(Millis rtt) const {
    const Millis limit = median_deviation() * (kScale * kSigmas);
    return limit > Millis(0) && std::abs((rtt - median()).count()) > limit.count();
}

// The deviations grow from the median to both ends: the half of them that is nearest is found by
// going outwards, always to the nearer neighbour.
Millis OutlierFilter::median_deviation() const {
    const std::size_t middle = size_ / 2;
    std::size_t below = middle;
    std::size_t above = middle;
    Millis deviation{};
    for (std::size_t taken = 0; taken < middle; ++taken) {
        const bool none_below = below == 0;
        const bool none_above = above + 1 == size_;
        const Millis down = none_below ? Millis::max() : median() - sorted_[below - 1];
        const Millis up = none_above ? Millis::max() : sorted_[above + 1] - median();
        if (down <= up) {
            --below;
            deviation = down;
        } else {
            ++above;
            deviation = up;
        }
    }
    return deviation;
}

void OutlierFilter::remember(Millis rtt) {
    const auto begin = sorted_.begin();
    auto end = begin + static_cast<std::ptrdiff_t>(count_);
    if (count_ == size_) {
        const auto gone = std::lower_bound(begin, end, window_[oldest_]);
        std::move(gone + 1, end, gone);
        --end;
    } else {
        ++count_;
    }
    const auto place = std::upper_bound(begin, end, rtt);
    std::move_backward(place, end, end + 1);
    *place = rtt;
    window_[oldest_] = rtt;
    oldest_ = (oldest_ + 1) % size_;
}

}  // namespace wanctl::autorate
