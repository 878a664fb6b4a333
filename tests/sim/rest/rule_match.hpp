// Whether a firewall rule is meant for a packet. Pure.
#pragma once

#include <string>

#include "tests/sim/rest/menu.hpp"

namespace wanctl::sim {

// A packet as the firewall sees it when it comes in by a port.
struct Packet {
    std::string port;
    std::string protocol;
    int dst_port = 0;
    int dscp = 0;
    std::string state;            // new or established
    std::string connection_mark;  // empty: no-mark
};

// Understands connection-state, connection-mark, in-interface, in-interface-list (LAN, WAN, all),
// dst-address-type (every packet is for the world: unicast), protocol, dst-port and dscp. A rule
// with any other matcher is meant for no packet: the simulated connections lack what it asks for.
[[nodiscard]] bool is_meant_for(const Settings& rule, const Packet& packet);

}  // namespace wanctl::sim
