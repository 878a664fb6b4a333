#include "steering/decide/flap_guard.hpp"

#include <algorithm>

namespace wanctl::steering {

void FlapGuard::toggled(SteadyTime now) {
    at_[next_] = now;
    next_ = (next_ + 1) % at_.size();
    count_ = std::min(count_ + 1, at_.size());
    if (toggles(now) > config_.max_toggles) penalty_until_ = now + config_.penalty_time;
}

int FlapGuard::penalty(SteadyTime now) const {
    return penalty_left(now) ? config_.penalty : 0;
}

std::optional<Nanos> FlapGuard::penalty_left(SteadyTime now) const {
    if (!penalty_until_ || now >= *penalty_until_) return std::nullopt;
    return *penalty_until_ - now;
}

int FlapGuard::toggles(SteadyTime now) const {
    int recent = 0;
    for (std::size_t i = 0; i < count_; ++i) recent += now - at_[i] < config_.window ? 1 : 0;
    return recent;
}

}  // namespace wanctl::steering
