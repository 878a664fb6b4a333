// A Unix socket that takes commands, one line of JSON each, and answers each with one line.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "common/error.hpp"
#include "tests/sim/rest/command_table.hpp"

namespace wanctl::sim {

// Any number of clients; each client's lines are answered in order. The socket file is removed at
// the end. Lives on the loop's thread; the table must outlive it.
class ControlChannel {
  public:
    ControlChannel(boost::asio::io_context& loop, const CommandTable& commands);
    ~ControlChannel();
    ControlChannel(const ControlChannel&) = delete;
    ControlChannel& operator=(const ControlChannel&) = delete;

    // A socket file left there by an earlier run is replaced.
    [[nodiscard]] Result<void> listen(const std::string& path);

  private:
    struct State;
    class Client;

    std::shared_ptr<State> state_;
};

}  // namespace wanctl::sim
