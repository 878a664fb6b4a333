// The configuration that the simulated router starts with: two WANs and steering between them, as a
// careful administrator would have made it.
#pragma once

#include <string>

#include "tests/sim/rest/menu.hpp"

namespace wanctl::sim {

struct TwoWanMenus {
    Menu& tables;
    Menu& routes;
    Menu& mangle;
    Menu& filter;
};

// ether1 is the first WAN, ether2 the second, with the table via-wan2, and ether3 the LAN. New
// connections from the LAN with DSCP 46 get the mark `steer` while the rule with this comment is
// enabled, which it is not at first; marked ones are always led to via-wan2, and FastTrack leaves
// them alone.
void set_up_two_wans(const TwoWanMenus& menus, const std::string& rule_comment);

}  // namespace wanctl::sim
