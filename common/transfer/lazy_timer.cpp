#include "common/transfer/lazy_timer.hpp"

#include <utility>

#include <boost/asio/steady_timer.hpp>

namespace wanctl::transfer {

// Held by the waits in flight too, so that a late handler finds it alive; `callback` is empty once
// the owner is gone.
struct LazyTimer::State : std::enable_shared_from_this<State> {
    State(boost::asio::io_context& loop, const Clock& the_clock, Callback the_callback)
        : timer(loop), clock(the_clock), callback(std::move(the_callback)) {}

    boost::asio::steady_timer timer;
    const Clock& clock;
    Callback callback;
    std::optional<SteadyTime> deadline;  // what the owner wants
    std::optional<SteadyTime> armed;     // what the timer waits for: never later than `deadline`

    void arm(SteadyTime when) {
        armed = when;
        timer.expires_at(when);
        timer.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
            if (!error) self->fired();
        });
    }

    void fired() {
        armed.reset();
        if (!callback || !deadline) return;
        const SteadyTime now = clock.steady();
        if (now < *deadline) return arm(*deadline);
        deadline.reset();
        callback(now);
    }
};

LazyTimer::LazyTimer(boost::asio::io_context& loop, const Clock& clock, Callback callback)
    : state_(std::make_shared<State>(loop, clock, std::move(callback))) {}

LazyTimer::~LazyTimer() {
    state_->callback = nullptr;
    state_->timer.cancel();
}

void LazyTimer::set(std::optional<SteadyTime> deadline) {
    state_->deadline = deadline;
    if (deadline && (!state_->armed || *deadline < *state_->armed)) state_->arm(*deadline);
}

}  // namespace wanctl::transfer
