#include "tests/sim/rest/router_commands.hpp"

#include <utility>

#include <array>
#include <optional>

#include <fmt/format.h>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "tests/sim/rest/connection_commands.hpp"
#include "tests/sim/rest/reply_commands.hpp"
#include "tests/sim/rest/rule_commands.hpp"

namespace wanctl::sim {
namespace {

constexpr auto kNothing = "null";

tl::unexpected<Error> bad(std::string message) {
    return fail(ErrorKind::invalid_input, std::move(message));
}

Result<Reach> reach_named(const std::string& name) {
    if (name == "refuse") return Reach::refuse;
    if (name == "reset") return Reach::reset;
    if (name == "drop") return Reach::drop;
    return bad(fmt::format("mode: '{}' is none of refuse, reset, drop", name));
}

std::string history_json(const std::deque<LimitChange>& history, const std::string& queue) {
    std::string list;
    for (const auto& change : history) {
        if (!queue.empty() && change.queue != queue) continue;
        list +=
            fmt::format("{}{{\"by\":{},\"from\":{},\"queue\":{},\"steady_ns\":{},\"to\":{}}}",
                        list.empty() ? "" : ",", quoted(change.by), change.from.bps,
                        quoted(change.queue), change.at.time_since_epoch().count(), change.to.bps);
    }
    return fmt::format("[{}]", list);
}

Result<StatusFault> status_fault(CommandArguments& arguments) {
    StatusFault fault;
    const auto status = arguments.number("status");
    const auto count = arguments.number("count");
    const auto html = arguments.flag("html");
    const auto apply = arguments.flag("apply");
    if (!status) return tl::unexpected(status.error());
    if (!count) return tl::unexpected(count.error());
    if (!html) return tl::unexpected(html.error());
    if (!apply) return tl::unexpected(apply.error());
    const double wanted = status->value_or(0);
    if (!(wanted >= 200 && wanted <= 599)) return bad("status: a number from 200 to 599 is needed");
    const double times = count->value_or(0);
    if (!(times >= 0 && times <= 1e9)) return bad("count: must be 0 (until cleared) or more");
    fault.status = static_cast<int>(wanted);
    fault.remaining = static_cast<std::uint64_t>(times);
    // The router says 403 with a page, never with an object.
    fault.html = *html || fault.status == 403;
    fault.apply = *apply;
    fault.user = arguments.text("user").value_or("");
    fault.method = arguments.text("method").value_or("");
    fault.detail = arguments.text("detail").value_or("");
    return fault;
}

}  // namespace

struct RouterCommands::State : std::enable_shared_from_this<State> {
    State(boost::asio::io_context& io, Parts all, std::function<void()> end)
        : loop(io), parts(all), quit(std::move(end)), timer(io) {}

    // Without a length the way stays as it is until `clear`.
    void set_reach(Reach reach, std::optional<Nanos> length) {
        timer.cancel();
        parts.server.set_reach(reach);
        if (!length) return;
        timer.expires_after(*length);
        timer.async_wait([self = shared_from_this()](auto error) {
            if (!error) self->parts.server.set_reach(Reach::open);
        });
    }

    // Everything is as it was without faults; the queues stay as they are.
    void clear() {
        parts.desk.faults() = {};
        parts.desk.restore_users();
        parts.server.mend();
        set_reach(Reach::open, std::nullopt);
    }

    boost::asio::io_context& loop;
    Parts parts;
    std::function<void()> quit;
    boost::asio::steady_timer timer;
};

RouterCommands::RouterCommands(boost::asio::io_context& loop, Parts parts,
                               std::function<void()> quit)
    : state_(std::make_shared<State>(loop, parts, std::move(quit))) {}

RouterCommands::~RouterCommands() {
    state_->timer.cancel();
}

void RouterCommands::add_to(CommandTable& table) {
    add_faults(table);
    add_reply_commands(table, state_->parts.desk);
    add_login_commands(table, state_->parts.desk, state_->parts.model);
    add_connection_commands(table, state_->parts.server);
    add_queue_commands(table);
    add_rule_commands(table, state_->parts.model);
    add_traffic_commands(table, state_->parts.model.connections());
    add_readings(table);
}

void RouterCommands::add_faults(CommandTable& table) {
    using Answer = Result<std::string>;
    auto* const state = state_.get();
    table.add("slow", "every request takes `ms`; only those of `user` when given",
              [state](CommandArguments& arguments) -> Answer {
                  const auto time = arguments.duration("ms");
                  if (!time) return tl::unexpected(time.error());
                  if (!*time) return bad("ms: the service time is needed");
                  state->parts.desk.faults().slow =
                      SlowFault{**time, arguments.text("user").value_or(""), 0};
                  return kNothing;
              });
    table.add("unreachable",
              "`mode` refuse (default), reset or drop; for `for_s`, else until clear",
              [state](CommandArguments& arguments) -> Answer {
                  const auto reach = reach_named(arguments.text("mode").value_or("refuse"));
                  const auto length = arguments.duration("for_s");
                  if (!reach) return tl::unexpected(reach.error());
                  if (!length) return tl::unexpected(length.error());
                  state->set_reach(*reach, *length);
                  return kNothing;
              });
    table.add("reboot",
              "refuses for `for_s` (default 2); counters, log and logins start again; `ids` kept "
              "(default), new, or swapped among the queues and among the mangle rules",
              [state](CommandArguments& arguments) -> Answer {
                  const auto length = arguments.duration("for_s");
                  if (!length) return tl::unexpected(length.error());
                  const auto ids = arguments.text("ids").value_or("kept");
                  if (ids != "kept" && ids != "new" && ids != "swapped")
                      return bad(fmt::format("ids: '{}' is none of kept, new, swapped", ids));
                  if (ids != "kept") {
                      state->parts.model.queues().renumber(ids == "swapped");
                      state->parts.model.mangle().renumber(ids == "swapped");
                  }
                  state->set_reach(Reach::refuse, length->value_or(std::chrono::seconds(2)));
                  state->parts.desk.reboot();
                  return kNothing;
              });
    table.add(
        "status",
        "answers `status` to `count` requests (0 = until clear) of `user` and `method` if given; "
        "`html` for a page, `detail` for the text, `apply` to run the command all the same",
        [state](CommandArguments& arguments) -> Answer {
            auto fault = status_fault(arguments);
            if (!fault) return tl::unexpected(fault.error());
            state->parts.desk.faults().status = std::move(*fault);
            return kNothing;
        });
    table.add("html", "answers every request with a web page and 200, until clear",
              [state](CommandArguments&) -> Answer {
                  StatusFault fault;
                  fault.status = 200;
                  fault.html = true;
                  state->parts.desk.faults().status = std::move(fault);
                  return kNothing;
              });
    table.add("cpu", "the router's processors are busy to `percent`",
              [state](CommandArguments& arguments) -> Answer {
                  const auto percent = arguments.number("percent");
                  if (!percent) return tl::unexpected(percent.error());
                  if (!*percent || !(**percent >= 0 && **percent <= 100))
                      return bad("percent: a number from 0 to 100 is needed");
                  state->parts.model.resource().set_cpu_load(static_cast<int>(**percent));
                  return kNothing;
              });
    table.add("clear", "ends every fault of the router; the queues stay as they are",
              [state](CommandArguments&) -> Answer {
                  state->clear();
                  return kNothing;
              });
}

void RouterCommands::add_queue_commands(CommandTable& table) {
    using Change = Outcome<void> (QueueTree::*)(const std::string&, const std::string&);
    auto* const state = state_.get();
    const auto done = [](const Outcome<void>& outcome) -> Result<std::string> {
        if (outcome) return kNothing;
        return bad(outcome.error().detail);
    };
    const auto with_value = [&](const std::string& name, const std::string& member, Change change,
                                const std::string& help) {
        table.add(name, help, [=](CommandArguments& arguments) -> Result<std::string> {
            const auto queue = arguments.text("queue");
            const auto value = arguments.text(member);
            if (!queue || !value) {
                return bad(fmt::format("the members \"queue\" and \"{}\" are needed", member));
            }
            return done((state->parts.model.queues().*change)(*queue, *value));
        });
    };
    with_value("queue-rename", "to", &QueueTree::rename, "renames `queue` to `to`");
    with_value("queue-set", "max-limit", &QueueTree::set_limit,
               "an administrator sets `max-limit` of `queue`");
    with_value("queue-invalid", "invalid", &QueueTree::set_invalid,
               "makes `queue` `invalid` (true or false): nothing is shaped then");
    using Act = Outcome<void> (QueueTree::*)(const std::string&);
    const auto without = [&](const std::string& name, Act act, const std::string& help) {
        table.add(name, help, [=](CommandArguments& arguments) -> Result<std::string> {
            const auto queue = arguments.text("queue");
            if (!queue) return bad("the member \"queue\" is needed");
            return done((state->parts.model.queues().*act)(*queue));
        });
    };
    without("queue-delete", &QueueTree::remove, "removes `queue`");
    without("counters-reset", &QueueTree::reset_counters, "the counters of `queue` begin anew");
    without("queue-duplicate", &QueueTree::duplicate, "adds a second queue named `queue`");
    without("queue-keep-newest", &QueueTree::keep_newest,
            "removes all queues named `queue` but the newest");
}

void RouterCommands::add_readings(CommandTable& table) {
    using Answer = Result<std::string>;
    auto* const state = state_.get();
    table.add("state", "the records of all queues", [state](CommandArguments&) -> Answer {
        return to_json(state->parts.model.queues().records());
    });
    table.add("log", "the router's log", [state](CommandArguments&) -> Answer {
        return to_json(state->parts.model.log().records());
    });
    table.add("counts", "sockets and requests so far", [state](CommandArguments&) -> Answer {
        return state->parts.desk.counts().to_json();
    });
    table.add("history", "changes of max-limit, of `queue` if given; steady_ns is CLOCK_MONOTONIC",
              [state](CommandArguments& arguments) -> Answer {
                  return history_json(state->parts.model.queues().history(),
                                      arguments.text("queue").value_or(""));
              });
    table.add("now", "CLOCK_MONOTONIC in nanoseconds", [state](CommandArguments&) -> Answer {
        return fmt::format("{}", state->parts.clock.steady().time_since_epoch().count());
    });
    table.add("quit", "ends the program", [state](CommandArguments&) -> Answer {
        boost::asio::post(state->loop, state->quit);
        return kNothing;
    });
}

}  // namespace wanctl::sim
