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
    State(const RecorderOptions& options, Source from, const Clock& the_clock, Log& log)
        : source(std::move(from)),
          clock(the_clock),
          recorder(options, *source.feed, clock, log),
          batch(options.batch) {}

    void work();
    std::vector<Event> next_events();
    Nanos patience();

    Source source;
    const Clock& clock;
    Recorder recorder;  // the thread's
    Nanos batch;
    std::mutex lock;  // of the next three
    std::vector<Event> events;
    std::uint64_t dropped = 0;
    SteadyTime last_try{};  // once it is stopping
    std::condition_variable wake;
    std::atomic<bool> stopping{false};
    std::atomic<bool> succeeded{false};  // another store takes this one's place
    std::thread thread;
};

void Store::State::work() {
    source.before.reset();
    source.watch(recorder.figures());
    while (!stopping.load(std::memory_order_acquire)) {
        recorder.turn(next_events(), stopping);
        source.watch(recorder.figures());
        std::unique_lock held(lock);
        wake.wait_for(held, batch, [this] { return stopping.load(std::memory_order_acquire); });
    }
    // Many that wait for each other all end together.
    recorder.finish(next_events(), patience());
    StoreFigures last = recorder.figures();
    last.state = succeeded ? StoreState::opening : StoreState::off;
    source.watch(last);
}

std::vector<Event> Store::State::next_events() {
    const std::lock_guard held(lock);
    recorder.count_dropped_events(std::exchange(dropped, 0));
    return std::exchange(events, {});
}

Nanos Store::State::patience() {
    const std::lock_guard held(lock);
    return last_try - clock.steady();
}

Store::Store(const RecorderOptions& options, Source source, const Clock& clock, Log& log)
    : state_(std::make_unique<State>(options, std::move(source), clock, log)) {
    if (const auto& before = state_->source.before) {
        before->state_->succeeded = true;
        before->end_soon();
    }
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

void Store::end_soon() {
    {
        const std::lock_guard held(state_->lock);
        if (!state_->stopping.exchange(true, std::memory_order_acq_rel))
            state_->last_try = state_->clock.steady() + kLastPatience;
    }
    state_->wake.notify_one();
}

void Store::stop() {
    if (!state_->thread.joinable()) return;
    end_soon();
    state_->thread.join();
}

}  // namespace wanctl::history
