// Delays counted in buckets of 0.1 ms up to 4 s; what is longer counts as 4 s.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/units.hpp"

namespace wanctl::sim {

class DelayHistogram {
  public:
    static constexpr Nanos kBucket = std::chrono::microseconds(100);

    void add(Nanos delay) {
        const auto index = std::max<std::int64_t>(delay / kBucket, 0);
        ++counts_[std::min(static_cast<std::size_t>(index), counts_.size() - 1)];
        ++total_;
    }
    [[nodiscard]] std::uint64_t total() const { return total_; }

    // The delay which the share `quantile` (0..1) does not exceed, to the middle of its bucket; 0
    // without samples.
    [[nodiscard]] Nanos quantile(double quantile) const {
        if (total_ == 0) return Nanos(0);
        const auto wanted = std::max<std::uint64_t>(
            1, static_cast<std::uint64_t>(std::ceil(quantile * static_cast<double>(total_))));
        std::uint64_t seen = 0;
        std::size_t index = 0;
        while (index + 1 < counts_.size() && (seen += counts_[index]) < wanted) ++index;
        return kBucket * static_cast<std::int64_t>(index) + kBucket / 2;
    }
    // The share of samples of `delay` and more.
    [[nodiscard]] double share_from(Nanos delay) const {
        if (total_ == 0) return 0;
        std::uint64_t below = 0;
        const auto end = std::min(static_cast<std::size_t>(delay / kBucket), counts_.size());
        for (std::size_t i = 0; i < end; ++i) below += counts_[i];
        return static_cast<double>(total_ - below) / static_cast<double>(total_);
    }

  private:
    std::vector<std::uint32_t> counts_ = std::vector<std::uint32_t>(40'000);
    std::uint64_t total_ = 0;
};

}  // namespace wanctl::sim
