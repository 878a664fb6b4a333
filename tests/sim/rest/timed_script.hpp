// A file of commands with their times: one JSON object a line, with the member "at_s".
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <boost/asio/io_context.hpp>

#include "common/error.hpp"
#include "common/units.hpp"
#include "tests/sim/rest/command_table.hpp"

namespace wanctl::sim {

struct TimedCommand {
    Nanos at{0};       // since the start of the script
    std::string line;  // without "at_s"
};

// In order of time. Empty lines and lines that begin with # are skipped; an error names the line.
[[nodiscard]] Result<std::deque<TimedCommand>> parse_script(std::string_view text);

// Runs the commands at their times; `report` gets each command's line and its answer.
// The table must outlive it; destroying it stops the rest of the script.
class TimedScript {
  public:
    using Report = std::function<void(const std::string& line, const std::string& answer)>;

    TimedScript(boost::asio::io_context& loop, const CommandTable& commands,
                std::deque<TimedCommand> script, Report report);
    ~TimedScript();
    TimedScript(const TimedScript&) = delete;
    TimedScript& operator=(const TimedScript&) = delete;

    void start();

  private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace wanctl::sim
