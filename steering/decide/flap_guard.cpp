#include "steering/decide/flap_guard.hpp"

#include <algorithm>

namespace wanctl::steering {

void FlapMemory::add(SteadyTime toggle) {
    if (count == at.size()) {
        std::shift_left(at.begin(), at.end(), 1);
        --count;
    }
    at[count++] = toggle;
}

void FlapGuard::toggled(SteadyTime now) {
    memory_.add(now);
    if (toggles(now) > config_.max_toggles) memory_.penalty_until = now + config_.penalty_time;
}

int FlapGuard::penalty(SteadyTime now) const {
    return penalty_left(now) ? config_.penalty : 0;
}

std::optional<Nanos> FlapGuard::penalty_left(SteadyTime now) const {
    const auto& until = memory_.penalty_until;
    if (!until || now >= *until) return std::nullopt;
    return *until - now;
}

int FlapGuard::toggles(SteadyTime now) const {
    int recent = 0;
    for (std::size_t i = 0; i < memory_.count; ++i)
        recent += now - memory_.at[i] < config_.window ? 1 : 0;
    return recent;
}

}  // namespace wanctl::steering
