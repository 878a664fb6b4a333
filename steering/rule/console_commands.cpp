#include "steering/rule/console_commands.hpp"

#include <fmt/format.h>

namespace wanctl::steering {

std::string console_quoted(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\' || c == '$') quoted += '\\';
        quoted += c;
    }
    return quoted + '"';
}

std::string add_table(std::string_view table) {
    return fmt::format("/routing/table add name={} fib", table);
}

std::string add_route(const SetupNames& names, std::string_view table) {
    return fmt::format("/ip/route add dst-address=0.0.0.0/0 gateway={} routing-table={} comment={}",
                       names.gateway, table, console_quoted("steering: out by " + names.alternate));
}

std::string add_rule(const SetupNames& names) {
    return fmt::format(
        "/ip/firewall/mangle add chain=prerouting in-interface-list={} dst-address-type=!local "
        "connection-state=new connection-mark=no-mark dscp=46 action=mark-connection "
        "new-connection-mark={} passthrough=yes disabled=yes comment={}",
        names.lan_list, names.mark, console_quoted(names.comment));
}

std::string add_companion(const SetupNames& names, std::string_view mark, std::string_view table) {
    return fmt::format(
        "/ip/firewall/mangle add chain=prerouting in-interface-list={} connection-mark={} "
        "action=mark-routing new-routing-mark={} passthrough=no comment={}",
        names.lan_list, mark, table,
        console_quoted(fmt::format("steering: marked {} leaves by {}", mark, names.alternate)));
}

}  // namespace wanctl::steering
