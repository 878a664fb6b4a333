// The line half of routeros-sim, joined together: the live lines, their packets and commands.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "common/clock.hpp"
#include "common/error.hpp"
#include "tests/sim/line/line_options.hpp"
#include "tests/sim/line/live_line.hpp"
#include "tests/sim/line/tun_line.hpp"
#include "tests/sim/rest/command_table.hpp"
#include "tests/sim/rest/router_model.hpp"
#include "tests/sim/sim_options.hpp"

namespace wanctl::sim {

// Must outlive the router it is connected to. Lives on the loop's thread.
class LineProgram {
  public:
    // Builds the lines and, when asked for, opens their TUN devices.
    [[nodiscard]] static Result<std::unique_ptr<LineProgram>> make(boost::asio::io_context& io,
                                                                   const Clock& clock,
                                                                   const LineOptions& options);
    // Adds the queues the lines name and nobody made, without a limit.
    void add_queues(std::vector<QueueOption>& queues) const;
    // Hands the lines' ports to the queues of their names.
    void connect(RouterModel& router);
    // line, verdict, blackout, loss, capacity, flows.
    void add_to(CommandTable& table);

  private:
    struct Wan {
        std::string name;
        std::string download_queue;
        std::string upload_queue;
        std::unique_ptr<LiveLine> live;
        std::unique_ptr<TunLine> tun;  // before the line it is the sink of
    };
    using Answer = Result<std::string>;
    using Handler = Answer (*)(LiveLine&, CommandArguments&);

    LineProgram() = default;
    [[nodiscard]] Result<LiveLine*> named(CommandArguments& arguments);
    void add(CommandTable& table, const std::string& name, const std::string& help,
             Handler handler);

    std::vector<Wan> wans_;
};

}  // namespace wanctl::sim
