// Keeps the live view's model true: finds segments as they come and go, follows each, moves to
// successors.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/clock.hpp"
#include "shm/inspect/watch_model.hpp"

namespace wanctl::inspect {

// Reads only. Nothing here waits: call refresh() a few times a second.
class WatchSource {
  public:
    // `only` names the one segment to show, present or not; empty = all there are.
    WatchSource(std::string only, const Clock& clock);
    ~WatchSource();
    WatchSource(const WatchSource&) = delete;
    WatchSource& operator=(const WatchSource&) = delete;

    void refresh();
    [[nodiscard]] const WatchModel& model() const { return model_; }

  private:
    class Tracker;

    void rescan();
    void add(const std::string& name);

    std::string only_;
    const Clock& clock_;
    SteadyTime next_scan_{};
    WatchModel model_;
    std::vector<std::unique_ptr<Tracker>> trackers_;  // each of the segment at its place
};

}  // namespace wanctl::inspect
