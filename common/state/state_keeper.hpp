// Keeps a state file up to date: now and then, if what it tells has changed, and at the end.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/config/autorate_config.hpp"
#include "common/error.hpp"
#include "common/log/log.hpp"
#include "common/loop/helper_thread.hpp"

namespace wanctl {

// `<dir>/<name>.state`
[[nodiscard]] std::string state_path(const StateConfig& config, std::string_view name);

// Hands the file's text to `parse`, which says what is wrong with it. A file that is damaged or
// refused is set aside; everything of note goes to the log. Blocks: only for the start. False when
// there is nothing that was parsed.
bool load_state_file(const std::string& path, unsigned version, Log& log,
                     const std::function<Result<void>(std::string_view)>& parse);

// Writes on the helper thread. A disk that fails is told once, and again when it works.
class StateKeeper {
  public:
    struct State {
        std::string what;  // compared with what was saved last
        std::string text;  // saved; may tell the time besides
    };
    // What the keeper needs of its daemon, which outlives it.
    struct Surroundings {
        boost::asio::io_context& loop;
        Log& log;
        HelperThread& helper;
    };
    // Whose state it is.
    struct Subject {
        std::string name;               // of the file
        unsigned version = 0;           // of the text
        std::function<State()> source;  // asked on the loop's thread
    };

    StateKeeper(const Surroundings& around, const StateConfig& config, Subject subject);
    ~StateKeeper();
    StateKeeper(const StateKeeper&) = delete;
    StateKeeper& operator=(const StateKeeper&) = delete;

    // The first save is soon if the state is not `as_found` in the file, else when it changes.
    void start(bool as_found);
    // Another directory or pace, from the next save on, which is soon.
    void reconfigure(const StateConfig& config);
    // Now, if it has changed: not to be called often.
    void save_now();
    // Within seconds, however often it is called.
    void save_soon();

    // At the end: hands over the last state; then, after HelperThread::finish(), save_here() writes
    // what the helper did not begin to write. Both do nothing when nothing has changed.
    void save_last();
    void save_here();

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;  // results may arrive late
};

}  // namespace wanctl
