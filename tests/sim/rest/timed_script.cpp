#include "tests/sim/rest/timed_script.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/steady_timer.hpp>

#include "tests/sim/rest/property.hpp"

namespace wanctl::sim {

Result<std::deque<TimedCommand>> parse_script(std::string_view text) {
    std::deque<TimedCommand> script;
    int number = 0;
    for (const auto& line : split(text, '\n')) {
        ++number;
        const auto begin = line.find_first_not_of(" \t\r");
        if (begin == line.npos || line[begin] == '#') continue;
        auto parsed = parse_arguments(line);
        if (!parsed) {
            return fail(ErrorKind::invalid_input,
                        fmt::format("line {}: not one flat JSON object", number));
        }
        CommandArguments arguments(*parsed);
        const auto at = arguments.duration("at_s");
        if (!at || !*at || !arguments.text("cmd")) {
            return fail(ErrorKind::invalid_input,
                        fmt::format("line {}: needs \"at_s\" (seconds) and \"cmd\"", number));
        }
        parsed->values.erase("at_s");
        script.push_back({**at, to_json(parsed->values)});
    }
    std::stable_sort(script.begin(), script.end(),
                     [](const auto& a, const auto& b) { return a.at < b.at; });
    return script;
}

struct TimedScript::State : std::enable_shared_from_this<State> {
    State(boost::asio::io_context& loop, const CommandTable& table)
        : timer(loop), commands(table) {}

    void wait() {
        if (script.empty()) return;
        timer.expires_at(begin + script.front().at);
        timer.async_wait([self = shared_from_this()](auto error) {
            if (!error) self->step();
        });
    }

    void step() {
        const auto line = std::move(script.front().line);
        script.pop_front();
        report(line, commands.run(line));
        wait();
    }

    boost::asio::steady_timer timer;
    const CommandTable& commands;
    std::deque<TimedCommand> script;
    Report report;
    boost::asio::steady_timer::time_point begin;
};

TimedScript::TimedScript(boost::asio::io_context& loop, const CommandTable& commands,
                         std::deque<TimedCommand> script, Report report)
    : state_(std::make_shared<State>(loop, commands)) {
    state_->script = std::move(script);
    state_->report = std::move(report);
}

TimedScript::~TimedScript() {
    state_->timer.cancel();
}

void TimedScript::start() {
    state_->timer.expires_after(Nanos(0));
    state_->begin = state_->timer.expiry();
    state_->wait();
}

}  // namespace wanctl::sim
