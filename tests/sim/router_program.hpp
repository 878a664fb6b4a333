// The router half of routeros-sim, joined together: model, desk, server, control channel and
// script.
#pragma once

#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "common/clock.hpp"
#include "common/error.hpp"
#include "tests/sim/rest/command_table.hpp"
#include "tests/sim/rest/control_channel.hpp"
#include "tests/sim/rest/request_desk.hpp"
#include "tests/sim/rest/rest_server.hpp"
#include "tests/sim/rest/router_commands.hpp"
#include "tests/sim/rest/router_model.hpp"
#include "tests/sim/rest/timed_script.hpp"
#include "tests/sim/sim_options.hpp"

namespace wanctl::sim {

// Other halves connect their queue ports and add their commands before `start`.
class RouterProgram {
  public:
    RouterProgram(boost::asio::io_context& loop, const Clock& clock, SimOptions options);

    // Makes the queues, listens, and then writes the port file. To be called once.
    [[nodiscard]] Result<void> start();

    [[nodiscard]] RouterModel& model() { return model_; }
    [[nodiscard]] CommandTable& commands() { return commands_; }

  private:
    [[nodiscard]] Result<void> make_queues();
    [[nodiscard]] Result<void> listen();
    [[nodiscard]] Result<void> start_script();

    boost::asio::io_context& loop_;
    SimOptions options_;
    RouterModel model_;
    RequestDesk desk_;
    RestServer server_;
    CommandTable commands_;
    RouterCommands router_commands_;
    ControlChannel control_;
    std::unique_ptr<TimedScript> script_;
};

}  // namespace wanctl::sim
