// What the records of a daemon say of its router, over time.
#pragma once

#include <cstdint>
#include <optional>

#include "common/record/states.hpp"
#include "common/units.hpp"

namespace wanctl::metrics {

class RouterWatch {
  public:
    // Of a record: the router's state, the record's times, and requests that have failed since the
    // daemon's start.
    void observe(RouterState state, SteadyTime mono, WallTime wall, std::uint64_t failures);

    [[nodiscard]] RouterState state() const { return state_; }
    // It answers, be it slowly.
    [[nodiscard]] bool reachable() const {
        return state_ == RouterState::ok || state_ == RouterState::late;
    }
    // Since it last was in order.
    [[nodiscard]] std::uint64_t failures() const { return failures_ - failures_when_ok_; }
    // The last state that was not in order, and when it was last seen; none before the first.
    [[nodiscard]] std::optional<RouterState> last_failure() const { return last_failure_; }
    [[nodiscard]] WallTime last_failure_at() const { return last_failure_at_; }
    // How long it has not been reachable, at the newest record; none while it is.
    [[nodiscard]] std::optional<Nanos> outage() const;

  private:
    RouterState state_ = RouterState::unknown;
    std::uint64_t failures_ = 0;
    std::uint64_t failures_when_ok_ = 0;
    std::optional<RouterState> last_failure_;
    WallTime last_failure_at_{};
    std::optional<SteadyTime> outage_since_;
    SteadyTime now_{};
};

}  // namespace wanctl::metrics
