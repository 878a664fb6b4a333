// A daemon's records as a recorder or a store gets them: made ones, of a ring of any size.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "common/history/batch.hpp"
#include "tests/unit/history/made_rows.hpp"

namespace wanctl::test {

inline constexpr std::int64_t kSlotMs = 50;

// A ring of `size` made rows.
class MadeFeed final : public history::Feed {
  public:
    explicit MadeFeed(std::size_t size = 100'000) : size_(size) {}
    void publish(std::int64_t count) {
        published_ += count;
        const auto reach = static_cast<std::int64_t>(size_);
        oldest_ = std::max(oldest_, published_ - reach);
    }
    Taken take(history::Batch& to, std::size_t most) override {
        Taken taken;
        if (next_ < oldest_) {
            taken.lost = static_cast<std::uint64_t>(oldest_ - next_);
            next_ = oldest_;
        }
        for (; next_ < published_ && most > 0; --most)
            to.rows.push_back(made_row(next_++, kSlotMs));
        taken.all = next_ == published_;
        return taken;
    }
    [[nodiscard]] std::int64_t published() const { return published_; }

  private:
    std::size_t size_;
    std::int64_t published_ = 0;
    std::int64_t oldest_ = 0;
    std::int64_t next_ = 0;
};

}  // namespace wanctl::test
