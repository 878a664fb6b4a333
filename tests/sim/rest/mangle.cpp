#include "tests/sim/rest/mangle.hpp"

#include <array>
#include <utility>

namespace wanctl::sim {
namespace {

constexpr auto kMark = "new-routing-mark";

std::vector<PropertySpec> properties() {
    return {
        {.name = "action",
         .type = ValueType::choice,
         .initial = "accept",
         .choices = "accept,add-dst-to-address-list,add-src-to-address-list,change-dscp,change-mss,"
                    "change-ttl,clear-df,fasttrack-connection,jump,log,mark-connection,"
                    "mark-packet,mark-routing,passthrough,return,route,set-priority,sniff-pc,"
                    "sniff-tzsp,strip-ipv4-options"},
        optional_text("new-connection-mark"),
        optional_text("new-dscp"),
        optional_text("new-mss"),
        optional_text("new-packet-mark"),
        optional_text("new-priority"),
        optional_text(kMark),
        optional_text("new-ttl"),
        {.name = "passthrough", .type = ValueType::flag, .optional = true},
        optional_text("route-dst"),
        optional_text("sniff-id"),
        optional_text("sniff-target"),
        optional_text("sniff-target-port"),
    };
}

// What the action itself cannot do without.
constexpr std::array kNeeds = {
    std::pair{"mark-connection", "new-connection-mark"},
    std::pair{"mark-packet", "new-packet-mark"},
    std::pair{"mark-routing", kMark},
};

}  // namespace

Mangle::Mangle(const Clock& clock, const Interfaces& interfaces, const RoutingTables& tables)
    : FirewallRules(clock, interfaces, properties()), tables_(tables) {}

std::string Mangle::routing_mark(const Settings& rule) const {
    const auto mark = rule.find(kMark);
    if (mark == rule.end()) return {};
    auto name = tables_.name_of(mark->second);
    return name.starts_with('*') ? std::string() : name;
}

Outcome<void> Mangle::check(const Item& before, const Settings& given, Settings& wanted) const {
    if (auto done = FirewallRules::check(before, given, wanted); !done) return done;
    for (const auto& [action, property] : kNeeds) {
        if (wanted.at("action") == action && !wanted.contains(property))
            return refuse("missing =" + std::string(property) + "=");
    }
    if (wanted.at("action").starts_with("mark-")) wanted.try_emplace("passthrough", "true");
    if (given.contains(kMark) && wanted.contains(kMark)) {
        const auto table = tables_.id_of(wanted.at(kMark));
        if (!table) return refuse("input does not match any value of new-routing-mark");
        wanted[kMark] = *table;
    }
    return {};
}

Record Mangle::record_of(const Item& item) const {
    auto record = FirewallRules::record_of(item);
    if (const auto mark = record.find(kMark); mark != record.end())
        mark->second = tables_.name_of(mark->second);
    return record;
}

}  // namespace wanctl::sim
