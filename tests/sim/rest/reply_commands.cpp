#include "tests/sim/rest/reply_commands.hpp"

#include <set>
#include <utility>

#include <fmt/format.h>

#include "tests/sim/rest/property.hpp"
#include "tests/sim/rest/spoiled_reply.hpp"

namespace wanctl::sim {
namespace {

using Answer = Result<std::string>;
constexpr auto kNothing = "null";

tl::unexpected<Error> bad(std::string message) {
    return fail(ErrorKind::invalid_input, std::move(message));
}

Result<std::uint64_t> count_of(CommandArguments& arguments) {
    const auto count = arguments.number("count");
    if (!count) return tl::unexpected(count.error());
    const double times = count->value_or(0);
    if (!(times >= 0 && times <= 1e9)) return bad("count: must be 0 (until cleared) or more");
    return static_cast<std::uint64_t>(times);
}

Answer spoil(RequestDesk& desk, CommandArguments& arguments) {
    const auto how = arguments.text("how").value_or("");
    const auto kind = spoil_named(how);
    if (!kind)
        return bad(fmt::format(
            "how: '{}' is none of truncated, oversized, types, nested, empty, other, cut", how));
    const auto count = count_of(arguments);
    if (!count) return tl::unexpected(count.error());
    desk.faults().spoil = SpoilFault{*kind, *count, arguments.text("user").value_or(""),
                                     arguments.text("method").value_or("")};
    return kNothing;
}

Answer stall(RequestDesk& desk, CommandArguments& arguments) {
    const auto count = count_of(arguments);
    if (!count) return tl::unexpected(count.error());
    desk.faults().slow = SlowFault{Nanos::max(), arguments.text("user").value_or(""), *count};
    return kNothing;
}

Answer change_user(RequestDesk& desk, CommandArguments& arguments) {
    const auto name = arguments.text("user");
    if (!name) return bad("the member \"user\" is needed");
    User* const user = desk.user(*name);
    if (user == nullptr) return bad(fmt::format("no user is named {}", *name));
    if (auto password = arguments.text("password")) user->password = std::move(*password);
    if (const auto policies = arguments.text("policies")) {
        user->policies.clear();
        for (auto& policy : split(*policies, ',')) user->policies.insert(policy);
    }
    return kNothing;
}

}  // namespace

void add_reply_commands(CommandTable& table, RequestDesk& desk) {
    table.add("spoil",
              "spoils `count` replies (0 = until clear) of `user` and `method` if given; `how`: "
              "truncated, oversized, types, nested, empty, other, cut (the connection breaks)",
              [&desk](CommandArguments& arguments) { return spoil(desk, arguments); });
    table.add("stall",
              "`count` requests (0 = until clear) of `user` if given take until the router ends "
              "them: 60 s, or --command-limit-s",
              [&desk](CommandArguments& arguments) { return stall(desk, arguments); });
}

void add_login_commands(CommandTable& table, RequestDesk& desk, RouterModel& model) {
    table.add("user", "gives `user` other `policies` or another `password`, until clear",
              [&desk](CommandArguments& arguments) { return change_user(desk, arguments); });
    table.add("logins-expire", "the next request of every user logs in again",
              [&desk](CommandArguments&) -> Answer {
                  desk.forget_logins();
                  return kNothing;
              });
    table.add("clock-jump", "the router's wall clock jumps by `by_s`; cached logins expire",
              [&desk, &model](CommandArguments& arguments) -> Answer {
                  const auto by = arguments.duration("by_s");
                  if (!by) return tl::unexpected(by.error());
                  if (!*by) return bad("by_s: how far is needed");
                  model.jump_clock(**by);
                  desk.forget_logins();
                  return kNothing;
              });
}

void add_connection_commands(CommandTable& table, RestServer& server) {
    table.add("disconnect", "closes every connection that stands", [&server](CommandArguments&) {
        server.disconnect();
        return Answer(kNothing);
    });
    table.add("max-sessions", "at most `n` connections from now on, until clear",
              [&server](CommandArguments& arguments) -> Answer {
                  const auto most = arguments.number("n");
                  if (!most) return tl::unexpected(most.error());
                  if (!*most || !(**most >= 0 && **most <= 1000))
                      return bad("n: a number from 0 to 1000 is needed");
                  server.set_max_sessions(static_cast<std::size_t>(**most));
                  return kNothing;
              });
    table.add("www-abort",
              "from now on, until clear, the web server suffers when a client gives a request up "
              "and another one completes within 3 s",
              [&server](CommandArguments&) -> Answer {
                  server.suffer_aborts(true);
                  return kNothing;
              });
    table.add("www-damage",
              "the web server suffers as if that had just happened: new connections are reset for "
              "1.3 to 2.4 s, and one reply carries the status of another",
              [&server](CommandArguments&) -> Answer {
                  server.damage();
                  return kNothing;
              });
}

}  // namespace wanctl::sim
