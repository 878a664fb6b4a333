// The way back of the bulk flows' acknowledgements: a delay line in steps of the model's grid.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "tests/sim/line/bulk.hpp"

namespace wanctl::sim {

// What the senders learn in one grid step.
struct FeedbackRow {
    BulkBytes acked;
    BulkBytes lost;
    BulkBytes rtt_ns;  // of what is acknowledged
    bool any = false;
};

class FeedbackLine {
  public:
    // The row that arrives `steps` after `step`, but never before one asked for earlier:
    // acknowledgements do not overtake. Beyond the line's length it is the last one.
    FeedbackRow& arriving(std::int64_t step, double steps) {
        const double reach = static_cast<double>(kLength - 2);
        const auto ahead = static_cast<std::int64_t>(std::clamp(steps, 1.0, reach));
        last_ = std::min(std::max(last_, step + ahead), step + kLength - 2);
        FeedbackRow& row = rows_[index(last_)];
        row.any = true;
        return row;
    }
    // A loss is seen by itself and may come before earlier acknowledgements.
    FeedbackRow& seen(std::int64_t step, double steps) {
        const double reach = static_cast<double>(kLength - 2);
        FeedbackRow& row =
            rows_[index(step + static_cast<std::int64_t>(std::clamp(steps, 1.0, reach)))];
        row.any = true;
        return row;
    }
    // Each step is asked for once; its row is free afterwards.
    [[nodiscard]] FeedbackRow& at(std::int64_t step) { return rows_[index(step)]; }

  private:
    static constexpr std::int64_t kLength = 16384;
    [[nodiscard]] static std::size_t index(std::int64_t step) {
        return static_cast<std::size_t>(step & (kLength - 1));
    }

    std::vector<FeedbackRow> rows_ = std::vector<FeedbackRow>(kLength);
    std::int64_t last_ = 0;
};

}  // namespace wanctl::sim
