// The router's commands of the control channel: its faults, what an administrator does to its
// queues, and its state.
#pragma once

#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>

#include "common/clock.hpp"
#include "tests/sim/rest/command_table.hpp"
#include "tests/sim/rest/request_desk.hpp"
#include "tests/sim/rest/rest_server.hpp"
#include "tests/sim/rest/router_model.hpp"

namespace wanctl::sim {

// Everything it refers to must outlive it and the table.
class RouterCommands {
  public:
    struct Parts {
        RouterModel& model;
        RequestDesk& desk;
        RestServer& server;
        const Clock& clock;
    };

    // `quit` ends the program; it is called from the loop.
    RouterCommands(boost::asio::io_context& loop, Parts parts, std::function<void()> quit);
    ~RouterCommands();

    void add_to(CommandTable& table);

  private:
    struct State;

    void add_faults(CommandTable& table);
    void add_queue_commands(CommandTable& table);
    void add_readings(CommandTable& table);

    std::shared_ptr<State> state_;
};

}  // namespace wanctl::sim
