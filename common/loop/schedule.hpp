// When slots are due: slot k's deadline is start + k x interval, for ever. Pure arithmetic.
#pragma once

#include <cstdint>
#include <optional>

#include "common/units.hpp"

namespace wanctl {

// One slot that is due.
struct Tick {
    std::uint64_t slot = 0;  // number since start, missed ones included
    SteadyTime deadline;
    SteadyTime now;            // when it was found to be due
    Nanos lateness{};          // now - deadline, in [0, interval)
    std::uint64_t missed = 0;  // slots skipped between the last tick and this one
};

// Hands out each due slot once. A slot whose successor is due as well is missed: counted, never
// caught up, so that a pause of any length yields one tick.
class Schedule {
  public:
    // `interval` must be positive.
    Schedule(SteadyTime start, Nanos interval) : start_(start), interval_(interval) {}

    // The newest slot due at `now`, or nothing if that one was handed out already. A `now` before
    // the last one's does nothing.
    [[nodiscard]] std::optional<Tick> tick(SteadyTime now) {
        if (now < next_deadline()) return std::nullopt;
        const auto slot = static_cast<std::uint64_t>((now - start_) / interval_);
        const SteadyTime due = deadline(slot);
        const Tick out{slot, due, now, now - due, slot - next_};
        next_ = slot + 1;
        missed_ += out.missed;
        return out;
    }

    [[nodiscard]] SteadyTime next_deadline() const { return deadline(next_); }
    [[nodiscard]] SteadyTime deadline(std::uint64_t slot) const {
        return start_ + interval_ * static_cast<std::int64_t>(slot);
    }
    [[nodiscard]] Nanos interval() const { return interval_; }
    [[nodiscard]] std::uint64_t missed() const { return missed_; }  // since start

  private:
    SteadyTime start_;
    Nanos interval_;
    std::uint64_t next_ = 0;  // first slot that was not handed out
    std::uint64_t missed_ = 0;
};

}  // namespace wanctl
