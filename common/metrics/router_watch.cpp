#include "common/metrics/router_watch.hpp"

namespace wanctl::metrics {

void RouterWatch::observe(RouterState state, SteadyTime mono, WallTime wall,
                          std::uint64_t failures) {
    state_ = state;
    now_ = mono;
    failures_ = failures;
    if (state == RouterState::ok) failures_when_ok_ = failures;
    if (reachable()) {
        outage_since_.reset();
        return;
    }
    if (!outage_since_) outage_since_ = mono;
    if (state == RouterState::unknown) return;
    last_failure_ = state;
    last_failure_at_ = wall;
}

std::optional<Nanos> RouterWatch::outage() const {
    if (!outage_since_) return std::nullopt;
    return now_ - *outage_since_;
}

}  // namespace wanctl::metrics
