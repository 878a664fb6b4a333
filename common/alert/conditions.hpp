// What an alert can be about, as of one record: it holds, it does not, or the record cannot tell.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/config/alert_config.hpp"

namespace wanctl::alert {

// `unknown` moves nothing: what was holding goes on, what was not does not begin.
enum class Condition : std::uint8_t { unknown, clear, holds };

[[nodiscard]] constexpr Condition condition(bool holds) {
    return holds ? Condition::holds : Condition::clear;
}

// By type; of a type that this daemon cannot tell of it is unknown for ever.
class Conditions {
  public:
    [[nodiscard]] Condition operator[](AlertType type) const {
        return values_[static_cast<std::size_t>(type)];
    }
    void set(AlertType type, Condition value) { values_[static_cast<std::size_t>(type)] = value; }

  private:
    std::array<Condition, kAlertTypes> values_{};
};

// How the daemon's history fares. `missed` grows until another store takes the place.
struct HistoryHealth {
    bool kept = false;         // there is one to keep
    bool recording = true;     // it can be written
    std::uint64_t missed = 0;  // records that did not get into it since start
    bool wanted = true;        // by the configuration
};

// When history_lost holds: while nothing can be written, and for kStands after records were missed.
// Unknown while the file is being opened; who wants no history loses none.
class HistoryWatch {
  public:
    static constexpr Nanos kStands = std::chrono::seconds(60);

    [[nodiscard]] Condition look(SteadyTime now, const HistoryHealth& health) {
        if (!health.wanted) {
            missed_ = 0;
            lost_until_ = SteadyTime::min();
            return Condition::clear;
        }
        if (!health.kept) return Condition::unknown;
        if (health.missed > missed_) lost_until_ = now + kStands;
        missed_ = health.missed;
        return condition(!health.recording || now < lost_until_);
    }

  private:
    std::uint64_t missed_ = 0;
    SteadyTime lost_until_ = SteadyTime::min();
};

}  // namespace wanctl::alert
