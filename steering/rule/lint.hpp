// What is wrong with a router's set-up for steering, read from its menus. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/routeros/records.hpp"
#include "steering/rule/setup_names.hpp"

namespace wanctl::steering {

// Whole list replies of the menus, in the router's order.
struct RouterMenus {
    routeros::Records mangle;  // /ip/firewall/mangle
    routeros::Records filter;  // /ip/firewall/filter
    routeros::Records tables;  // /routing/table
    routeros::Records routes;  // /ip/route
};

enum class Flaw {
    rule_missing,
    rule_ambiguous,
    wrong_action,             // the rule neither marks connections nor routing
    marks_first_packet_only,  // routing of connection-state=new, without a connection mark
    moves_standing,           // would move connections that stand already
    first_packet_stays,       // the marked packet itself is not led
    companion_missing,        // nothing leads the packets of marked connections
    companion_disabled,
    companion_too_early,  // before the rule: it does not see the first packet's mark
    table_missing,
    table_without_fib,
    table_without_route,
    fasttrack_swallows,  // takes marked connections past the marks
};

// As it stands in messages: "companion_missing".
[[nodiscard]] std::string_view name(Flaw flaw);

struct Finding {
    Flaw flaw;
    std::string text;                   // one sentence with the ids in it
    std::vector<std::string> commands;  // RouterOS console commands that mend it, in order
};

// In the order in which they are best mended; empty when nothing is wrong. Whether the rule is
// enabled does not matter.
[[nodiscard]] std::vector<Finding> lint(const RouterMenus& menus, const SetupNames& names);

// The findings as an operator reads them.
[[nodiscard]] std::string findings_text(const std::vector<Finding>& findings);

}  // namespace wanctl::steering
