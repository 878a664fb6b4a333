#include "autorate/control/spike_watch.hpp"

#include <algorithm>

namespace wanctl::autorate {

SpikeWatch::SpikeWatch(Millis rise, Nanos confirm, std::chrono::duration<double> load_time_constant,
                       Nanos interval)
    : rise_(rise),
      confirm_(confirm),
      load_time_constant_(load_time_constant),
      interval_(interval) {}

const SpikeWatch::Point& SpikeWatch::cycle_ago() const {
    std::size_t at = newest_;
    for (std::size_t back = 1; back < count_ && now_ - points_[at].at < kReferenceCycle; ++back) {
        at = (at + kKept - 1) % kKept;
    }
    return points_[at];
}

Millis SpikeWatch::rise_per_cycle(const Point& from, Millis load) const {
    const Cycles elapsed(now_ - from.at);
    const Millis rise = load - from.load;
    if (elapsed <= Cycles(1.0)) {
        return rise;
    }
    // What the first 50 ms of it would have been, had the round trip stepped.
    return rise * (ewma_weight(load_time_constant_, Cycles(1.0)).value /
                   ewma_weight(load_time_constant_, elapsed).value);
}

void SpikeWatch::keep(Millis load) {
    newest_ = (newest_ + 1) % kKept;
    points_[newest_] = {now_, load};
    count_ = std::min(count_ + 1, kKept);
}

bool SpikeWatch::observe(Millis rtt, Millis load, Nanos elapsed) {
    if (confirm_ <= Nanos(0)) {
        return false;
    }
    now_ += elapsed;
    if (lasted_ > Nanos(0)) {
        lasted_ = rtt > level_ ? lasted_ + elapsed : Nanos(0);
    }
    if (lasted_ == Nanos(0) && count_ > 0) {
        const Point& before = cycle_ago();
        if (rise_per_cycle(before, load) > rise_ && rtt > before.load + rise_) {
            level_ = before.load + rise_;
            lasted_ = interval_;
        }
    }
    keep(load);
    if (lasted_ < confirm_) {
        return false;
    }
    lasted_ = Nanos(0);
    count_ = 1;
    return true;
}

}  // namespace wanctl::autorate
