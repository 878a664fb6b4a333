#include "common/loop/ticker.hpp"

#include <array>
#include <cstddef>
#include <new>
#include <optional>
#include <stdexcept>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

namespace wanctl {

namespace {

// Room for the one wait that a ticker has at a time. Asio's own cache of handlers is shared by the
// whole loop and falls back to the heap.
class WaitMemory {
  public:
    void* allocate(std::size_t size) {
        if (used_ || size > sizeof room_) return ::operator new(size);
        used_ = true;
        return room_.data();
    }
    void deallocate(void* pointer) {
        if (pointer == room_.data()) {
            used_ = false;
        } else {
            ::operator delete(pointer);
        }
    }

  private:
    alignas(std::max_align_t) std::array<std::byte, 256> room_{};
    bool used_ = false;
};

template <typename T>
struct WaitAllocator {
    using value_type = T;

    explicit WaitAllocator(WaitMemory& memory_used) : memory(&memory_used) {}
    template <typename Other>
    explicit WaitAllocator(const WaitAllocator<Other>& other) : memory(other.memory) {}

    T* allocate(std::size_t count) { return static_cast<T*>(memory->allocate(count * sizeof(T))); }
    void deallocate(T* pointer, std::size_t) { memory->deallocate(pointer); }
    template <typename Other>
    bool operator==(const WaitAllocator<Other>& other) const {
        return memory == other.memory;
    }

    WaitMemory* memory;
};

}  // namespace

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
    state_->schedule.emplace(state_->clock.steady(), state_->interval);
    state_->arm();
}

void Ticker::stop() {
    ++state_->run;
    state_->timer.cancel();
}

}  // namespace wanctl
