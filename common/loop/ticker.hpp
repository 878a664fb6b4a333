// Calls a handler once a slot, from the loop, at absolute deadlines.
#pragma once

#include <functional>
#include <memory>

#include "common/clock.hpp"
#include "common/loop/schedule.hpp"

namespace boost::asio {
class io_context;
}

namespace wanctl {

inline constexpr Nanos kShortestInterval = std::chrono::milliseconds(5);
inline constexpr Nanos kLongestInterval = std::chrono::milliseconds(2000);

// Each tick arms an absolute deadline, so neither a late handler nor a late wake-up shifts the
// phase. Late slots are skipped and counted as Schedule says. Does not allocate after start().
class Ticker {
  public:
    using Handler = std::function<void(const Tick&)>;

    // Throws std::invalid_argument if `interval` is not in [kShortestInterval, kLongestInterval].
    // `io` and `clock`, which must be the system's CLOCK_MONOTONIC or run beside it, outlive the
    // ticker.
    Ticker(boost::asio::io_context& io, const Clock& clock, Nanos interval, Handler handler);
    // As stop(). May be called from the handler.
    ~Ticker();
    Ticker(const Ticker&) = delete;
    Ticker& operator=(const Ticker&) = delete;

    // Slot 0 is due now; its tick comes from the loop, not from within start(). Starting a running
    // or stopped ticker begins anew.
    void start();

    // What is due next is one interval from now instead, and further ones follow from there: for a
    // handler whose work something else has just done. Nothing when it is stopped.
    void postpone();

    // No tick after this, not even one that the loop has ready.
    void stop();

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace wanctl
