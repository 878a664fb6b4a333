#include "common/loop/helper_thread.hpp"

#include <pthread.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <csignal>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace wanctl {

// Shared with the thread, which may outlive its owner by a job that hangs.
struct HelperThread::State : std::enable_shared_from_this<State> {
    explicit State(boost::asio::io_context& the_loop) : loop(the_loop) {}

    void work() {
        std::unique_lock lock(mutex);
        while (true) {
            wanted.wait(lock, [this] { return closed || any(); });
            if (!any()) break;
            {
                auto& line = *std::ranges::find_if_not(waiting, &std::deque<Job>::empty);
                const Job job = std::move(line.front());
                line.pop_front();
                busy = true;
                lock.unlock();
                hand_back(result_of(job));
            }
            lock.lock();
            busy = false;
            if (!any()) idle.notify_all();
        }
        ended = true;
        idle.notify_all();
    }

    [[nodiscard]] bool any() const {
        return !std::ranges::all_of(waiting, &std::deque<Job>::empty);
    }

    void drop_waiting(Urgency from) {
        for (auto at = static_cast<std::size_t>(from); at < kUrgencies; ++at) waiting[at].clear();
    }

    static Then result_of(const Job& job) {
        try {
            return job();
        } catch (...) {
            return [thrown = std::current_exception()] { std::rethrow_exception(thrown); };
        }
    }

    void hand_back(Then then) {
        if (!then) return;
        const std::lock_guard lock(mutex);
        if (abandoned) return;
        boost::asio::post(loop, [self = shared_from_this(), then = std::move(then)] {
            // Both this and the destructor run on the loop's thread.
            if (!self->abandoned) then();
        });
    }

    boost::asio::io_context& loop;  // not touched once abandoned
    std::mutex mutex;
    std::condition_variable wanted;
    std::condition_variable idle;
    std::array<std::deque<Job>, kUrgencies> waiting;
    bool busy = false;
    bool closed = false;     // no more jobs come
    bool abandoned = false;  // the owner is gone: results are nobody's
    bool ended = false;      // the thread touches nothing any more
};

HelperThread::HelperThread(boost::asio::io_context& loop, const char* name, Nanos last_patience)
    : state_(std::make_shared<State>(loop)), last_patience_(last_patience) {
    // The thread inherits the mask; signals are the loop's.
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    try {
        std::thread thread([state = state_] { state->work(); });
        pthread_setname_np(thread.native_handle(), name);
        thread.detach();
    } catch (...) {
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        throw;
    }
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

HelperThread::~HelperThread() {
    std::unique_lock lock(state_->mutex);
    state_->closed = true;
    state_->abandoned = true;
    state_->drop_waiting(Urgency::files);
    state_->wanted.notify_all();
    state_->idle.wait_for(lock, last_patience_, [this] { return state_->ended; });
}

bool HelperThread::run(Urgency urgency, Job job) {
    const std::lock_guard lock(state_->mutex);
    auto& line = state_->waiting[static_cast<std::size_t>(urgency)];
    if (state_->closed || line.size() >= kMostWaiting) return false;
    line.push_back(std::move(job));
    state_->wanted.notify_all();
    return true;
}

bool HelperThread::finish(Nanos patience) {
    std::unique_lock lock(state_->mutex);
    state_->closed = true;
    state_->drop_waiting(Urgency::messages);
    state_->wanted.notify_all();
    const bool done =
        state_->idle.wait_for(lock, patience, [this] { return !state_->any() && !state_->busy; });
    state_->drop_waiting(Urgency::files);
    return done;
}

}  // namespace wanctl
