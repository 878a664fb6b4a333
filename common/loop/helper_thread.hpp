// One thread beside the loop for what may block: name lookup, files.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <utility>

#include "common/units.hpp"

namespace boost::asio {
class io_context;
}

namespace wanctl {

// Runs jobs one after the other, in the order they came (but see run_behind). A job touches only
// what it owns: values it captured, or things shared for good; never the loop's. What it makes is
// handed back to the loop as a call. An exception that leaves a job is thrown again out of the
// loop.
//
// Used from the loop's thread only, and outlived by the loop. No signal is delivered to the thread.
class HelperThread {
  public:
    // What the loop is to do with a job's result; empty for nothing.
    using Then = std::function<void()>;
    using Job = std::function<Then()>;

    // A job that hangs must not make memory grow: above this many waiting ones of either kind,
    // no more are taken.
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
    [[nodiscard]] bool run(Job job);

    // `work` runs on the thread; `done(result)` is called from the loop.
    template <typename Work, typename Done>
    [[nodiscard]] bool run(Work work, Done done) {
        return run(job_of(std::move(work), std::move(done)));
    }

    // As run(), for what may take seconds (a name for which nobody answers): such a job begins only
    // when no other waits, so that those wait for one of them at most.
    [[nodiscard]] bool run_behind(Job job);
    template <typename Work, typename Done>
    [[nodiscard]] bool run_behind(Work work, Done done) {
        return run_behind(job_of(std::move(work), std::move(done)));
    }

    // Waits until all jobs that wait or run have ended, but no longer than `patience`; jobs still
    // waiting then, and those of run_behind() at once, are dropped. Whether all ended. No job is
    // accepted afterwards; the results that are there reach the loop if it runs on.
    [[nodiscard]] bool finish(Nanos patience);

  private:
    template <typename Work, typename Done>
    static Job job_of(Work work, Done done) {
        return [work = std::move(work), done = std::move(done)]() mutable -> Then {
            return [done = std::move(done), result = work()]() mutable { done(std::move(result)); };
        };
    }

    struct State;
    std::shared_ptr<State> state_;
    Nanos last_patience_;
};

}  // namespace wanctl
