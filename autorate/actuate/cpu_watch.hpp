// Whether the router's processors have been busy for long. Pure.
#pragma once

#include <optional>

#include "common/units.hpp"

namespace wanctl::actuate {

struct CpuWatchOptions {
    int high_percent = 80;  // from here on its queues cannot be trusted to keep the line's pace
    int low_percent = 70;   // below this it is well again
    Nanos sustain = std::chrono::seconds(30);
};

// Busy once every reading over `sustain` was high; well again once every one over `sustain` was
// below low. In between nothing changes.
class CpuWatch {
  public:
    explicit CpuWatch(const CpuWatchOptions& options) : options_(options) {}

    // True when the verdict has changed by this reading.
    [[nodiscard]] bool accept(SteadyTime now, int percent) {
        const bool other =
            busy_ ? percent < options_.low_percent : percent >= options_.high_percent;
        if (!other) {
            other_since_.reset();
            return false;
        }
        if (!other_since_) other_since_ = now;
        if (now - *other_since_ < options_.sustain) return false;
        busy_ = !busy_;
        other_since_.reset();
        return true;
    }
    // A gap in the readings proves nothing.
    void lost() { other_since_.reset(); }
    [[nodiscard]] bool busy() const { return busy_; }
    [[nodiscard]] const CpuWatchOptions& options() const { return options_; }

  private:
    CpuWatchOptions options_;
    bool busy_ = false;
    std::optional<SteadyTime> other_since_;  // readings speak against the verdict since
};

}  // namespace wanctl::actuate
