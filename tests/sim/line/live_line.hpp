// A line in real time: moves its model with the clock and hands out packets when they are due.
// All on one io_context, whose thread alone may call it.
#pragma once

#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>

#include "common/clock.hpp"
#include "tests/sim/line/line_model.hpp"

namespace wanctl::sim {

class LiveLine {
  public:
    using Sink = std::function<void(const Delivery&)>;

    // The clock must outlive it.
    LiveLine(boost::asio::io_context& io, const Clock& clock, LineSpec spec);
    ~LiveLine();
    LiveLine(const LiveLine&) = delete;
    LiveLine& operator=(const LiveLine&) = delete;

    // The model as of now: what is read from it or set in it holds from this moment.
    [[nodiscard]] LineModel& model();
    // Ports that bring the model up to date first. Live as long as this.
    [[nodiscard]] QueuePort& port(Direction direction);

    // Gets every packet when it is due, lost ones at once.
    void set_sink(Sink sink);
    void offer(Direction direction, const PacketOffer& packet);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace wanctl::sim
