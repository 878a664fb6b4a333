#include "common/history/store.hpp"

#include <pthread.h>
#include <signal.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace wanctl::history {

namespace {

// A thread inherits the mask of the one that starts it.
class SignalsHeldBack {
  public:
    SignalsHeldBack() {
        sigset_t all;
        ::sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsHeldBack() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsHeldBack(const SignalsHeldBack&) = delete;
    SignalsHeldBack& operator=(const SignalsHeldBack&) = delete;

  private:
    sigset_t before_{};
};

}  // namespace

struct Store::State {
    State(const RecorderOptions& options, std::unique_ptr<Feed> source, const Clock& clock,
          Log& log, Watch watcher)
        : feed(std::move(source)),
          recorder(options, *feed, clock, log),
          batch(options.batch),
          watch(std::move(watcher)) {}

    void work();
    std::vector<Event> next_events();

    std::unique_ptr<Feed> feed;
    Recorder recorder;  // the thread's
    Nanos batch;
    Watch watch;
    std::mutex lock;  // of the next two
    std::vector<Event> events;
    std::uint64_t dropped = 0;
    std::condition_variable wake;
    std::atomic<bool> stopping{false};
    std::thread thread;
};

void Store::State::work() {
    while (!stopping.load(std::memory_order_acquire)) {
        recorder.turn(next_events(), stopping);
        watch(recorder.figures());
        std::unique_lock held(lock);
        wake.wait_for(held, batch, [this] { return stopping.load(std::memory_order_acquire); });
    }
    recorder.finish(next_events(), kLastPatience);
    watch(recorder.figures());
}

std::vector<Event> Store::State::next_events() {
    const std::lock_guard held(lock);
    recorder.count_dropped_events(std::exchange(dropped, 0));
    return std::exchange(events, {});
}

Store::Store(const RecorderOptions& options, std::unique_ptr<Feed> feed, const Clock& clock,
             Log& log, Watch watch)
    : state_(std::make_unique<State>(options, std::move(feed), clock, log, std::move(watch))) {
    const SignalsHeldBack held_back;
    state_->thread = std::thread([state = state_.get()] {
        ::pthread_setname_np(::pthread_self(), "history");
        state->work();
    });
}

Store::~Store() {
    stop();
}

void Store::tell(Event event) {
    const std::lock_guard held(state_->lock);
    if (state_->events.size() >= kMostEvents)
        ++state_->dropped;
    else
        state_->events.push_back(std::move(event));
}

void Store::stop() {
    if (!state_->thread.joinable()) return;
    {
        const std::lock_guard held(state_->lock);
        state_->stopping.store(true, std::memory_order_release);
    }
    state_->wake.notify_one();
    state_->thread.join();
}

}  // namespace wanctl::history
