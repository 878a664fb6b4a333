// A timer whose deadline moves often and expires rarely: moving it later costs no system call.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <boost/asio/io_context.hpp>

#include "common/clock.hpp"

namespace wanctl::transfer {

// Calls back once when the deadline has passed, from the loop. One thread. Destroying it ends it.
class LazyTimer {
  public:
    using Callback = std::function<void(SteadyTime now)>;

    LazyTimer(boost::asio::io_context& loop, const Clock& clock, Callback callback);
    ~LazyTimer();
    LazyTimer(const LazyTimer&) = delete;
    LazyTimer& operator=(const LazyTimer&) = delete;

    void set(std::optional<SteadyTime> deadline);

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace wanctl::transfer
