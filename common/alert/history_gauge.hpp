// How the history fares, from its store's thread to the loop.
#pragma once

#include <atomic>
#include <cstdint>

#include "common/alert/conditions.hpp"
#include "common/history/store.hpp"

namespace wanctl::alert {

class HistoryGauge {
  public:
    void set(const history::StoreFigures& figures) {
        using State = history::StoreState;
        kept_ = figures.state != State::off && figures.state != State::opening;
        recording_ = figures.state == State::recording;
        missed_ = figures.lost;
    }
    [[nodiscard]] HistoryHealth health() const { return {kept_, recording_, missed_}; }

  private:
    std::atomic<bool> kept_{false};
    std::atomic<bool> recording_{true};
    std::atomic<std::uint64_t> missed_{0};
};

}  // namespace wanctl::alert
