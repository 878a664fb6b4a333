// One thread beside the loop for what may block: name lookup, files.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "common/units.hpp"

namespace boost::asio {
class io_context;
}

namespace wanctl {

// What a job may have to wait behind. A silent name server holds a lookup for seconds, so those
// come last, and whatever is more urgent waits for one of them at most.
enum class Urgency : std::uint8_t {
    files,     // state, configuration, history
    messages,  // looking up where an alert goes
    names,     // looking up hosts again and again
};
inline constexpr std::size_t kUrgencies = 3;

// Runs jobs one after the other: the most urgent that waits, those of one urgency in the order they
// came. A job touches only what it owns: values it captured, or things shared for good; never the
// loop's. What it makes is handed back to the loop as a call. An exception that leaves a job is
// thrown again out of the loop.
//
// Used from the loop's thread only, and outlived by the loop. No signal is delivered to the thread.
class HelperThread {
  public:
    // What the loop is to do with a job's result; empty for nothing.
    using Then = std::function<void()>;
    using Job = std::function<Then()>;

    // A job that hangs must not make memory grow: above this many waiting ones of its urgency,
    // run() refuses.
    static constexpr std::size_t kMostWaiting = 64;

    static constexpr Nanos kLastPatience = std::chrono::seconds(1);

    // Throws std::system_error when there is no thread to be had. `name` (up to 15 letters) is the
    // thread's; `last_patience`: see the destructor.
    explicit HelperThread(boost::asio::io_context& loop, const char* name = "wanctl-helper",
                          Nanos last_patience = kLastPatience);
    // Drops the jobs that wait and every result not yet handed back. A job that runs is waited for
    // up to `last_patience`, and left to itself then: either the process is about to end, or it
    // touches nothing but what is its own.
    ~HelperThread();
    HelperThread(const HelperThread&) = delete;
    HelperThread& operator=(const HelperThread&) = delete;

    // False, and nothing happens, when too many jobs wait or after finish().
    [[nodiscard]] bool run(Urgency urgency, Job job);

    // `work` runs on the thread; `done(result)` is called from the loop.
    template <typename Work, typename Done>
    [[nodiscard]] bool run(Urgency urgency, Work work, Done done) {
        return run(urgency, [work = std::move(work), done = std::move(done)]() mutable -> Then {
            return [done = std::move(done), result = work()]() mutable { done(std::move(result)); };
        });
    }

    // Waits until all jobs with files that wait, and the one that runs, have ended, but no longer
    // than `patience`; the other waiting ones are dropped at once, and what waits then as well.
    // Whether all ended. No job is accepted afterwards; the results that are there reach the loop
    // if it runs on.
    [[nodiscard]] bool finish(Nanos patience);

  private:
    struct State;
    std::shared_ptr<State> state_;
    Nanos last_patience_;
};

}  // namespace wanctl
