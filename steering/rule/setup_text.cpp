#include "steering/rule/setup_text.hpp"

#include <iostream>
#include <string_view>

#include <fmt/format.h>

#include "common/exit_code.hpp"
#include "steering/rule/console_commands.hpp"

namespace wanctl::steering {
namespace {

std::string heading(const SetupNames& names) {
    return fmt::format(
        "# Steering from {} to {}: what the router needs, for RouterOS 7.20.1 or later.\n"
        "# GATEWAY%PORT is the gateway of {} and the port it is reached by: give it with\n"
        "# --gateway 198.51.100.1%ether2; the list of LAN ports with --lan-list.\n",
        names.primary, names.alternate, names.alternate);
}

std::string routing(const SetupNames& names) {
    return fmt::format("\n# 1. A table of its own that leads out by {}.\n{}\n{}\n", names.alternate,
                       add_table(names.table), add_route(names, names.table));
}

std::string answers(const SetupNames& names) {
    return fmt::format(
        "\n# 2. Connections that come in by {0} are answered by {0}.\n"
        "/ip/firewall/mangle add chain=prerouting in-interface={1} connection-state=new "
        "connection-mark=no-mark action=mark-connection new-connection-mark={2} passthrough=yes "
        "comment={3}\n{4}\n",
        names.alternate, names.port(), names.answer_mark,
        console_quoted("steering: came in by " + names.alternate),
        add_companion(names, names.answer_mark, names.table));
}

std::string steering(const SetupNames& names) {
    return fmt::format(
        "\n# 3. The one rule that wanctl-steering turns on and off. It marks connections, and new\n"
        "# ones only: what stands stays where it is. dscp=46 selects what is steered (calls and\n"
        "# games that mark their packets); choose what fits, such as protocol=udp "
        "dst-port=3478-3481.\n"
        "# The second rule is always on and leads every packet of a marked connection.\n{}\n{}\n",
        add_rule(names), add_companion(names, names.mark, names.table));
}

std::string fasttrack() {
    return "\n# 4. FastTrack must leave marked connections alone: their later packets would skip "
           "the\n# marks and go out by the main table.\n"
           "/ip/firewall/filter set [find action=fasttrack-connection] connection-mark=no-mark\n";
}

std::string nat(const SetupNames& names) {
    return fmt::format(
        "\n# 5. Each WAN needs its own masquerade; this is the one of {0}. Leave it out when\n"
        "# /ip/firewall/nat has one for {1} already, alone or in a list of WAN ports.\n"
        "/ip/firewall/nat add chain=srcnat out-interface={1} action=masquerade comment={2}\n",
        names.alternate, names.port(), console_quoted("steering: NAT of " + names.alternate));
}

std::string user(std::string_view name, std::string_view group, std::string_view policy) {
    return fmt::format(
        "/user/group add name={1} policy={2}\n/user add name={0} group={1} disabled=yes\n", name,
        group, policy);
}

std::string users(const SetupNames& names) {
    auto text =
        std::string(
            "\n# 6. Users with no more rights than they need. They are made disabled: give each "
            "its\n# password and the address it comes from, and enable it, with\n"
            "#   /user set NAME password=... address=CONTROLLER/32 disabled=no\n") +
        user(names.user, "wanctl-write", "read,write,api,rest-api");
    if (!names.stats_user.empty() && names.stats_user != names.user)
        text += user(names.stats_user, "wanctl-read", "read,api,rest-api");
    return text;
}

}  // namespace

std::string router_setup_text(const SetupNames& names) {
    return heading(names) + routing(names) + answers(names) + steering(names) + fasttrack() +
           nat(names) + users(names);
}

int print_router_setup(const SteeringConfig& config, const std::string& gateway,
                       const std::string& lan_list) {
    auto names = setup_names(config);
    names.lan_list = lan_list;
    if (!gateway.empty()) names.gateway = gateway;
    const auto percent = names.gateway.find('%');
    if (percent == 0 || percent == names.gateway.npos || percent + 1 == names.gateway.size()) {
        std::cerr << fmt::format(
            "wanctl-steering: --gateway {}: give ADDRESS%PORT, such as 198.51.100.1%ether2\n",
            gateway);
        return exit_code::kUsage;
    }
    std::cout << router_setup_text(names);
    return exit_code::kOk;
}

}  // namespace wanctl::steering
