// /ip/firewall/mangle: the rules that mark packets and connections.
#pragma once

#include "tests/sim/rest/firewall_rules.hpp"
#include "tests/sim/rest/routing_tables.hpp"

namespace wanctl::sim {

// `new-routing-mark` is the name of a routing table that exists when it is set.
class Mangle final : public FirewallRules {
  public:
    Mangle(const Clock& clock, const Interfaces& interfaces, const RoutingTables& tables);

    // The name of the table that a rule marks for; empty when that table was removed.
    [[nodiscard]] std::string routing_mark(const Settings& rule) const;

  private:
    [[nodiscard]] Outcome<void> check(const Item& before, const Settings& given,
                                      Settings& wanted) const override;
    [[nodiscard]] Record record_of(const Item& item) const override;

    const RoutingTables& tables_;
};

}  // namespace wanctl::sim
