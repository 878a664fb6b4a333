// How the history fares, from its store's thread and the configuration to the loop.
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
    // Whether the configuration asks for a history; not the store's to say.
    void set_wanted(bool wanted) { wanted_ = wanted; }
    [[nodiscard]] HistoryHealth health() const { return {kept_, recording_, missed_, wanted_}; }

  private:
    std::atomic<bool> kept_{false};
    std::atomic<bool> recording_{true};
    std::atomic<std::uint64_t> missed_{0};
    std::atomic<bool> wanted_{true};
};

}  // namespace wanctl::alert
