// Keeps one WAN's state file up to date: now and then, if the law has moved, and at the end.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "autorate/saved_state.hpp"
#include "common/clock.hpp"
#include "common/log/log.hpp"
#include "common/loop/helper_thread.hpp"

namespace wanctl::autorate {

// Reads the state file and the ring's last record, before the ring is made anew. What is damaged is
// set aside; everything of note goes to the log. Blocks: only for the start. Nothing: the law
// begins at its beginning.
[[nodiscard]] std::optional<LawMemory> load_state(const AutorateConfig& config, const Clock& clock,
                                                  Log& log);

// Writes on the helper thread. A disk that fails is told once, and again when it works.
class StateKeeper {
  public:
    using Source = std::function<LawMemory()>;

    // What is named outlives the keeper. `state` is asked on the loop's thread.
    StateKeeper(boost::asio::io_context& loop, const Clock& clock, Log& log, HelperThread& helper,
                const AutorateConfig& config, Source state);
    ~StateKeeper();
    StateKeeper(const StateKeeper&) = delete;
    StateKeeper& operator=(const StateKeeper&) = delete;

    void start();
    // Another directory or pace, from the next save on, which is soon.
    void reconfigure(const StateConfig& config);

    // At the end: hands over the last state; then, after HelperThread::finish(), save_here() writes
    // what the helper did not begin to write. Both do nothing when nothing has changed.
    void save_last();
    void save_here();

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;  // results may arrive late
};

}  // namespace wanctl::autorate
