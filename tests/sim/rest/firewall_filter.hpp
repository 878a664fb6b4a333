// /ip/firewall/filter: what may pass, and what is fasttracked.
#pragma once

#include "tests/sim/rest/firewall_rules.hpp"

namespace wanctl::sim {

class FirewallFilter final : public FirewallRules {
  public:
    FirewallFilter(const Clock& clock, const Interfaces& interfaces);
};

}  // namespace wanctl::sim
