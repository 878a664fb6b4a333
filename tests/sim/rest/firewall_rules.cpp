#include "tests/sim/rest/firewall_rules.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace wanctl::sim {
namespace {

// The administrator's name in the history.
const std::string kOutside = "admin";

constexpr PropertySpec matcher(std::string_view name) {
    return {.name = name, .optional = true, .negatable = true};
}

constexpr PropertySpec matcher(std::string_view name, std::string_view choices,
                               ValueType type = ValueType::choice) {
    return {.name = name, .type = type, .optional = true, .choices = choices, .negatable = true};
}

constexpr std::array kShared = {
    optional_text("address-list"),
    optional_text("address-list-timeout"),
    optional_text("chain"),
    optional_text("comment"),
    matcher("connection-bytes"),
    matcher("connection-limit"),
    matcher("connection-mark"),
    matcher("connection-nat-state", "srcnat,dstnat", ValueType::choices),
    matcher("connection-rate"),
    matcher("connection-state", "established,related,new,invalid,untracked", ValueType::choices),
    matcher("connection-type"),
    matcher("content"),
    PropertySpec{.name = "disabled", .type = ValueType::flag, .optional = true},
    matcher("dscp"),
    matcher("dst-address"),
    matcher("dst-address-list"),
    matcher("dst-address-type"),
    matcher("dst-limit"),
    matcher("dst-port"),
    PropertySpec{.name = "fragment", .type = ValueType::flag, .optional = true},
    matcher("hotspot"),
    matcher("icmp-options"),
    matcher("in-bridge-port"),
    matcher("in-bridge-port-list"),
    matcher("in-interface"),
    matcher("in-interface-list", "LAN,WAN,all,dynamic,none,static"),
    matcher("ingress-priority"),
    matcher("ipsec-policy"),
    matcher("ipv4-options"),
    optional_text("jump-target"),
    matcher("layer7-protocol"),
    matcher("limit"),
    PropertySpec{.name = "log", .type = ValueType::flag, .optional = true},
    optional_text("log-prefix"),
    matcher("nth"),
    matcher("out-bridge-port"),
    matcher("out-bridge-port-list"),
    matcher("out-interface"),
    matcher("out-interface-list", "LAN,WAN,all,dynamic,none,static"),
    matcher("p2p"),
    matcher("packet-mark"),
    matcher("packet-size"),
    matcher("per-connection-classifier"),
    matcher("port"),
    matcher("priority"),
    matcher("protocol"),
    matcher("psd"),
    matcher("random"),
    matcher("realm"),
    matcher("routing-mark"),
    matcher("src-address"),
    matcher("src-address-list"),
    matcher("src-address-type"),
    matcher("src-mac-address"),
    matcher("src-port"),
    matcher("tcp-flags"),
    matcher("tcp-mss"),
    matcher("time"),
    matcher("tls-host"),
    matcher("tos"),
    matcher("ttl"),
};

std::vector<PropertySpec> with_shared(std::vector<PropertySpec> own) {
    own.insert(own.end(), kShared.begin(), kShared.end());
    return own;
}

bool enabled(const Settings& settings) {
    const auto flag = settings.find("disabled");
    return flag == settings.end() || flag->second != "true";
}

std::string value_of(const Settings& settings, const std::string& name) {
    const auto value = settings.find(name);
    return value == settings.end() ? std::string() : value->second;
}

}  // namespace

FirewallRules::FirewallRules(const Clock& clock, const Interfaces& interfaces,
                             std::vector<PropertySpec> own)
    : ItemMenu({.specs = with_shared(std::move(own)), .ordered = true, .counted = true}),
      clock_(clock),
      interfaces_(interfaces) {}

std::vector<FirewallRules::ActiveRule> FirewallRules::active(const std::string& chain) const {
    std::vector<ActiveRule> rules;
    for (std::size_t position = 0; position < items().size(); ++position) {
        const auto& settings = items()[position].settings;
        if (enabled(settings) && settings.at("chain") == chain)
            rules.push_back({position, &settings});
    }
    return rules;
}

void FirewallRules::count(std::size_t position, std::uint64_t packets, std::uint64_t bytes) {
    items()[position].packets += packets;
    items()[position].bytes += bytes;
}

Outcome<void> FirewallRules::remove_all(const std::string& comment) {
    const auto gone = std::erase_if(items(), [&comment](const auto& rule) {
        return value_of(rule.settings, "comment") == comment;
    });
    if (gone == 0) return refuse(fmt::format("no rule has the comment {}", comment));
    return {};
}

Outcome<void> FirewallRules::duplicate(const std::string& comment) {
    const auto index = only(comment);
    if (!index) return tl::unexpected(index.error());
    Item copy = items()[*index];
    copy.id = next_id();
    items().push_back(std::move(copy));
    return {};
}

Outcome<void> FirewallRules::set(const std::string& comment, const std::string& property,
                                 const std::string& value) {
    const auto index = only(comment);
    if (!index) return tl::unexpected(index.error());
    return change(items()[*index], {{property, value}}, kOutside);
}

Outcome<void> FirewallRules::check(const Item&, const Settings& given, Settings& wanted) const {
    if (!wanted.contains("chain")) return refuse("missing =chain=");
    for (const auto* name : {"in-interface", "out-interface"}) {
        if (!given.contains(name) || !wanted.contains(name)) continue;
        std::string_view port = wanted.at(name);
        if (port.starts_with('!')) port.remove_prefix(1);
        if (!port.starts_with("all-") && !interfaces_.exists(std::string(port)))
            return refuse(fmt::format("input does not match any value of {}", name));
    }
    return {};
}

Record FirewallRules::record_of(const Item& item) const {
    Record record{{".id", item.id},
                  {"bytes", fmt::format("{}", item.bytes)},
                  {"dynamic", "false"},
                  {"invalid", "false"},
                  {"packets", fmt::format("{}", item.packets)}};
    record.insert(item.settings.begin(), item.settings.end());
    return record;
}

void FirewallRules::changed(Item& item, const Change& change) {
    auto& settings = item.settings;
    settings.try_emplace("disabled", "false");
    settings.try_emplace("log", "false");
    settings.try_emplace("log-prefix", "");
    if (!change.given.contains("disabled")) return;
    history_.push_back({clock_.steady(), item.id, value_of(settings, "comment"),
                        enabled(change.before), enabled(settings), change.by});
    if (history_.size() > kHistory) history_.pop_front();
}

Outcome<std::size_t> FirewallRules::only(const std::string& comment) const {
    std::size_t found = items().size();
    for (std::size_t index = 0; index < items().size(); ++index) {
        if (value_of(items()[index].settings, "comment") != comment) continue;
        if (found != items().size())
            return refuse(fmt::format("more than one rule has the comment {}", comment));
        found = index;
    }
    if (found == items().size()) return refuse(fmt::format("no rule has the comment {}", comment));
    return found;
}

}  // namespace wanctl::sim
