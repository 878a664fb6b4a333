// Keeps a crowd of readers from holding up the loop: pages are made one at a time, with room
// between them for everything else that is due.
#pragma once

#include <deque>
#include <functional>
#include <memory>

#include <boost/asio/steady_timer.hpp>

#include "common/clock.hpp"

namespace wanctl::http {

// Made by make_shared.
class Pace : public std::enable_shared_from_this<Pace> {
  public:
    // From the end of a page to the beginning of the next.
    static constexpr Nanos kRoom = std::chrono::milliseconds(1);

    Pace(boost::asio::io_context& loop, const Clock& clock) : clock_(clock), timer_(loop) {}
    // What waits is dropped with it. At once when there was room since the page before; else in
    // turn, from the loop.
    void run(std::function<void()> page);

  private:
    void wait();
    void next();

    const Clock& clock_;
    boost::asio::steady_timer timer_;
    std::deque<std::function<void()>> waiting_;
    SteadyTime free_at_{};
};

}  // namespace wanctl::http
