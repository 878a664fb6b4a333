#include "autorate/probe/reflector_scores.hpp"

#include <algorithm>
#include <bit>

namespace wanctl::probe {

namespace {

constexpr std::uint64_t kWindowMask = (std::uint64_t{1} << ReflectorScores::kWindow) - 1;

std::uint16_t bit(std::uint8_t reflector) {
    return static_cast<std::uint16_t>(1U << reflector);
}

}  // namespace

ReflectorScores::ReflectorScores(std::uint8_t count)
    : count_(count), active_(static_cast<std::uint16_t>((1U << count) - 1U)) {}

double ReflectorScores::score(std::uint8_t reflector) const {
    const History& history = history_[reflector];
    if (history.count == 0) return 1;
    return static_cast<double>(std::popcount(history.results)) / history.count;
}

void ReflectorScores::push(std::uint8_t reflector, bool answered) {
    History& history = history_[reflector];
    history.results = (history.results << 1 | (answered ? 1U : 0U)) & kWindowMask;
    history.count = std::min(history.count + 1, kWindow);
    history.in_a_row = answered ? history.in_a_row + 1 : 0;
}

void ReflectorScores::answered(std::uint8_t reflector) {
    push(reflector, true);
    if ((active_ & bit(reflector)) == 0 && history_[reflector].in_a_row >= kRestoredAfter) {
        restore(reflector);
    }
}

void ReflectorScores::lost(std::uint8_t reflector) {
    push(reflector, false);
    if ((active_ & bit(reflector)) == 0) return;
    if (history_[reflector].count < kFewest || score(reflector) >= kGood) return;
    if (std::popcount(active_) > 1) return demote(reflector);
    // The last one stays, unless one that was demoted earlier was better.
    const auto better = best_demoted();
    if (!better || score(*better) <= score(reflector)) return;
    restore(*better);
    demote(reflector);
}

std::optional<std::uint8_t> ReflectorScores::best_demoted() const {
    std::optional<std::uint8_t> best;
    for (std::uint8_t i = 0; i < count_; ++i) {
        if ((active_ & bit(i)) == 0 && (!best || score(i) > score(*best))) best = i;
    }
    return best;
}

void ReflectorScores::demote(std::uint8_t reflector) {
    active_ = static_cast<std::uint16_t>(active_ & ~bit(reflector));
    history_[reflector].in_a_row = 0;
    tell({reflector, true, score(reflector)});
}

// What it did before must not demote it with its next loss.
void ReflectorScores::restore(std::uint8_t reflector) {
    active_ = static_cast<std::uint16_t>(active_ | bit(reflector));
    tell({reflector, false, score(reflector)});
    history_[reflector] = {(1U << kRestoredAfter) - 1U, kRestoredAfter, kRestoredAfter};
}

void ReflectorScores::tell(const Change& change) {
    if (waiting_changes_ < static_cast<int>(changes_.size())) {
        changes_[static_cast<std::size_t>(waiting_changes_++)] = change;
    }
}

std::optional<ReflectorScores::Change> ReflectorScores::take_change() {
    if (waiting_changes_ == 0) return std::nullopt;
    const Change first = changes_[0];
    std::move(changes_.begin() + 1, changes_.begin() + waiting_changes_, changes_.begin());
    --waiting_changes_;
    return first;
}

std::optional<std::uint8_t> ReflectorScores::probe_due(SteadyTime now) {
    if (std::popcount(active_) == count_) {
        last_probe_.reset();
        return std::nullopt;
    }
    // The first probe comes an interval after the demotion.
    if (!last_probe_) last_probe_ = now;
    if (now - *last_probe_ < kProbeEvery) return std::nullopt;
    last_probe_ = now;
    for (std::uint8_t step = 0; step < count_; ++step) {
        const auto i = static_cast<std::uint8_t>((next_probe_ + step) % count_);
        if ((active_ & bit(i)) != 0) continue;
        next_probe_ = static_cast<std::uint8_t>((i + 1) % count_);
        return i;
    }
    return std::nullopt;
}

}  // namespace wanctl::probe
