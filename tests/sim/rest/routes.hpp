// /ip/route: static routes, and the connected ones of the simulated ports.
#pragma once

#include <optional>
#include <string>

#include "tests/sim/rest/interfaces.hpp"
#include "tests/sim/rest/item_menu.hpp"
#include "tests/sim/rest/routing_tables.hpp"

namespace wanctl::sim {

// The ports' networks are fixed: ether1 192.0.2.0/24, ether2 198.51.100.0/24, both WANs, and ether3
// 192.168.88.0/24. A gateway is an address within one of them, a port, or ADDRESS%PORT.
class Routes final : public ItemMenu {
  public:
    Routes(const RoutingTables& tables, const Interfaces& interfaces);

    // The port by which `table` leads to the world: that of its active default route of the least
    // distance. Nothing when it has none.
    [[nodiscard]] std::optional<std::string> way_out(const std::string& table) const;

  private:
    [[nodiscard]] Outcome<void> check(const Item& before, const Settings& given,
                                      Settings& wanted) const override;
    [[nodiscard]] Record record_of(const Item& item) const override;
    // ADDRESS%PORT or PORT as the packets leave; nothing when the gateway cannot be reached.
    [[nodiscard]] std::optional<std::string> immediate_gateway(const Item& item) const;

    const RoutingTables& tables_;
    const Interfaces& interfaces_;
};

}  // namespace wanctl::sim
