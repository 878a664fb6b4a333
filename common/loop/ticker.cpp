#include "common/loop/ticker.hpp"

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "common/loop/wait_memory.hpp"

namespace wanctl {

// Kept alive by a wait in flight, so a handler may destroy its ticker.
struct Ticker::State : std::enable_shared_from_this<State> {
    State(boost::asio::io_context& io, const Clock& the_clock, Nanos the_interval,
          Handler the_handler)
        : clock(the_clock), interval(the_interval), handler(std::move(the_handler)), timer(io) {}

    struct OnWait {
        using allocator_type = WaitAllocator<std::byte>;

        [[nodiscard]] allocator_type get_allocator() const noexcept {
            return allocator_type(state->memory);
        }
        void operator()(const boost::system::error_code& error) const {
            if (!error && state->run == run) state->due();
        }

        std::shared_ptr<State> state;
        std::uint64_t run;
    };

    void arm() {
        timer.expires_at(schedule->next_deadline());
        timer.async_wait(OnWait{shared_from_this(), run});
    }

    void due() {
        const std::uint64_t this_run = run;
        if (const std::optional<Tick> tick = schedule->tick(clock.steady())) handler(*tick);
        if (run == this_run) arm();
    }

    const Clock& clock;
    const Nanos interval;
    const Handler handler;
    WaitMemory memory;
    std::optional<Schedule> schedule;
    bool running = false;
    std::uint64_t run = 0;  // changes with every start and stop: a wait of another run is void
    boost::asio::steady_timer timer;
};

Ticker::Ticker(boost::asio::io_context& io, const Clock& clock, Nanos interval, Handler handler) {
    if (interval < kShortestInterval || interval > kLongestInterval) {
        throw std::invalid_argument("ticker: the interval is not within 5 to 2000 ms");
    }
    state_ = std::make_shared<State>(io, clock, interval, std::move(handler));
}

// Cancelling a steady_timer cannot fail, whatever its signature says.
// NOLINTNEXTLINE(bugprone-exception-escape)
Ticker::~Ticker() {
    stop();
}

void Ticker::start() {
    stop();
    state_->running = true;
    state_->schedule.emplace(state_->clock.steady(), state_->interval);
    state_->arm();
}

void Ticker::postpone() {
    if (!state_->running) return;
    state_->schedule.emplace(state_->clock.steady() + state_->interval, state_->interval);
    state_->arm();
}

void Ticker::stop() {
    ++state_->run;
    state_->running = false;
    state_->timer.cancel();
}

}  // namespace wanctl
