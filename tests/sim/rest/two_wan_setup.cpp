#include "tests/sim/rest/two_wan_setup.hpp"

#include <stdexcept>

namespace wanctl::sim {
namespace {

const std::string kAdmin = "admin";

void put(Menu& menu, const Settings& settings) {
    const auto made = menu.add(settings, kAdmin);
    if (!made) throw std::logic_error("the router refuses its own set-up: " + made.error().detail);
}

void add_routes(Menu& tables, Menu& routes) {
    put(tables, {{"name", "via-wan2"}, {"fib", ""}});
    put(routes, {{"gateway", "192.0.2.1%ether1"}, {"distance", "1"}, {"comment", "WAN1"}});
    put(routes, {{"gateway", "198.51.100.1%ether2"}, {"distance", "2"}, {"comment", "WAN2"}});
    put(routes, {{"gateway", "198.51.100.1%ether2"},
                 {"routing-table", "via-wan2"},
                 {"comment", "WAN2 for steered connections"}});
}

void add_marks(Menu& mangle, const std::string& rule_comment) {
    put(mangle, {{"chain", "prerouting"},
                 {"in-interface", "ether2"},
                 {"connection-state", "new"},
                 {"connection-mark", "no-mark"},
                 {"action", "mark-connection"},
                 {"new-connection-mark", "from-wan2"},
                 {"passthrough", "yes"},
                 {"comment", "connections that come in by WAN2"}});
    put(mangle, {{"chain", "prerouting"},
                 {"in-interface-list", "LAN"},
                 {"connection-mark", "from-wan2"},
                 {"action", "mark-routing"},
                 {"new-routing-mark", "via-wan2"},
                 {"passthrough", "no"},
                 {"comment", "answers to what came in by WAN2"}});
    put(mangle, {{"chain", "prerouting"},
                 {"in-interface-list", "LAN"},
                 {"connection-state", "new"},
                 {"connection-mark", "no-mark"},
                 {"dscp", "46"},
                 {"action", "mark-connection"},
                 {"new-connection-mark", "steer"},
                 {"passthrough", "yes"},
                 {"disabled", "yes"},
                 {"comment", rule_comment}});
    put(mangle, {{"chain", "prerouting"},
                 {"in-interface-list", "LAN"},
                 {"connection-mark", "steer"},
                 {"action", "mark-routing"},
                 {"new-routing-mark", "via-wan2"},
                 {"passthrough", "no"},
                 {"comment", "steered connections leave by WAN2"}});
}

void add_filters(Menu& filter) {
    put(filter, {{"chain", "forward"},
                 {"connection-state", "established,related"},
                 {"connection-mark", "no-mark"},
                 {"action", "fasttrack-connection"},
                 {"hw-offload", "yes"},
                 {"comment", "fasttrack what is not marked"}});
    put(filter, {{"chain", "forward"},
                 {"connection-state", "established,related,untracked"},
                 {"action", "accept"}});
    put(filter, {{"chain", "forward"}, {"connection-state", "invalid"}, {"action", "drop"}});
}

}  // namespace

void set_up_two_wans(const TwoWanMenus& menus, const std::string& rule_comment) {
    add_routes(menus.tables, menus.routes);
    add_marks(menus.mangle, rule_comment);
    add_filters(menus.filter);
}

}  // namespace wanctl::sim
