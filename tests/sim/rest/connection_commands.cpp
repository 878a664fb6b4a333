#include "tests/sim/rest/connection_commands.hpp"

#include <optional>
#include <utility>

#include <fmt/format.h>

namespace wanctl::sim {
namespace {

using Answer = Result<std::string>;
constexpr auto kNothing = "null";

tl::unexpected<Error> bad(std::string message) {
    return fail(ErrorKind::invalid_input, std::move(message));
}

// A whole number in 0..most; `otherwise` when it is absent.
Result<double> figure(CommandArguments& arguments, const std::string& name, double most,
                      double otherwise) {
    const auto value = arguments.number(name);
    if (!value) return tl::unexpected(value.error());
    const double number = value->value_or(otherwise);
    if (!(number >= 0 && number <= most))
        return bad(fmt::format("{}: a number from 0 to {:.0f} is needed", name, most));
    return number;
}

Result<ConnectionKind> kind_of(CommandArguments& arguments) {
    ConnectionKind kind;
    kind.protocol = arguments.text("protocol").value_or(kind.protocol);
    const auto dscp = figure(arguments, "dscp", 63, 0);
    const auto port = figure(arguments, "dst-port", 65535, 0);
    const auto lasting = figure(arguments, "lasting_s", 3600, 10);
    if (!dscp) return tl::unexpected(dscp.error());
    if (!port) return tl::unexpected(port.error());
    if (!lasting) return tl::unexpected(lasting.error());
    kind.dscp = static_cast<int>(*dscp);
    kind.dst_port = static_cast<int>(*port);
    kind.lasting = from_ms(*lasting * 1e3);
    return kind;
}

Answer traffic(ConnectionTable& connections, CommandArguments& arguments) {
    const auto kind = kind_of(arguments);
    const auto pace = figure(arguments, "per_s", ConnectionTable::kMostPerSecond, -1);
    if (!kind) return tl::unexpected(kind.error());
    if (!pace) return tl::unexpected(pace.error());
    connections.offer(arguments.text("kind").value_or("traffic"), *kind, *pace);
    return kNothing;
}

Answer connect(ConnectionTable& connections, CommandArguments& arguments) {
    const auto kind = kind_of(arguments);
    const auto count =
        figure(arguments, "count", static_cast<double>(ConnectionTable::kMostAtOnce), 1);
    if (!kind) return tl::unexpected(kind.error());
    if (!count) return tl::unexpected(count.error());
    connections.open(arguments.text("kind").value_or("traffic"), *kind,
                     static_cast<std::size_t>(*count));
    return kNothing;
}

Answer readings(ConnectionTable& connections, CommandArguments& arguments) {
    const auto reset = arguments.flag("reset");
    if (!reset) return tl::unexpected(reset.error());
    auto text = connections.to_json();
    if (*reset) connections.reset_counts();
    return text;
}

}  // namespace

void add_traffic_commands(CommandTable& table, ConnectionTable& connections) {
    table.add(
        "traffic",
        "from now on `per_s` connections of `kind` begin each second (0 ends it), "
        "`lasting_s` each (default 10), with `protocol` (udp), `dscp` and `dst-port`",
        [&connections](CommandArguments& arguments) { return traffic(connections, arguments); });
    table.add(
        "connect", "`count` connections (default 1) begin now; members as of traffic",
        [&connections](CommandArguments& arguments) { return connect(connections, arguments); });
    table.add(
        "connections",
        "by kind: opened by port (ether1, ether2), standing by port, marked, fasttracked, "
        "split between ports; `reset` counts the opened ones anew",
        [&connections](CommandArguments& arguments) { return readings(connections, arguments); });
}

}  // namespace wanctl::sim
