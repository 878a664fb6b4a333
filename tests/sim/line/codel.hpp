// CoDel's decision for one queue (RFC 8289, section 5), with CAKE's defaults for Internet paths.
#pragma once

#include <cmath>
#include <cstdint>

#include "common/units.hpp"
#include "tests/sim/line/bulk.hpp"

namespace wanctl::sim {

class CoDel {
  public:
    static constexpr Nanos kTarget = std::chrono::milliseconds(5);
    static constexpr Nanos kInterval = std::chrono::milliseconds(100);

    // True when the packet at the head, which has stood for `sojourn_ns`, is to be dropped now. Ask
    // again after each drop.
    [[nodiscard]] bool should_drop(Nanos now, double sojourn_ns, double backlog_bytes) {
        const bool over = above(now, sojourn_ns, backlog_bytes);
        if (dropping_) {
            if (!over) dropping_ = false;
            if (!over || now < drop_next_) return false;
            ++count_;
            drop_next_ += step();
            return true;
        }
        if (!over) return false;
        dropping_ = true;
        const std::uint32_t delta = count_ - last_count_;
        count_ = delta > 1 && now - drop_next_ < 16 * kInterval ? delta : 1;
        last_count_ = count_;
        drop_next_ = now + step();
        return true;
    }

  private:
    [[nodiscard]] bool above(Nanos now, double sojourn_ns, double backlog_bytes) {
        if (sojourn_ns < static_cast<double>(kTarget.count()) || backlog_bytes <= kWireBytes) {
            armed_ = false;
            return false;
        }
        if (!armed_) {
            armed_ = true;
            first_above_ = now + kInterval;
            return false;
        }
        return now >= first_above_;
    }
    [[nodiscard]] Nanos step() const {
        const double ns = static_cast<double>(kInterval.count()) / std::sqrt(count_);
        return Nanos(static_cast<std::int64_t>(ns));
    }

    bool armed_ = false;
    bool dropping_ = false;
    std::uint32_t count_ = 0;
    std::uint32_t last_count_ = 0;
    Nanos first_above_{0};
    Nanos drop_next_{0};
};

}  // namespace wanctl::sim
