#include "tests/sim/rest/firewall_filter.hpp"

namespace wanctl::sim {
namespace {

std::vector<PropertySpec> properties() {
    return {
        {.name = "action",
         .type = ValueType::choice,
         .initial = "accept",
         .choices = "accept,add-dst-to-address-list,add-src-to-address-list,drop,"
                    "fasttrack-connection,jump,log,passthrough,reject,return,tarpit"},
        {.name = "hw-offload", .type = ValueType::flag, .optional = true},
        optional_text("reject-with"),
    };
}

}  // namespace

FirewallFilter::FirewallFilter(const Clock& clock, const Interfaces& interfaces)
    : FirewallRules(clock, interfaces, properties()) {}

}  // namespace wanctl::sim
