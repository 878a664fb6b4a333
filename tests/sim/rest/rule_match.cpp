#include "tests/sim/rest/rule_match.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "tests/sim/rest/property.hpp"

namespace wanctl::sim {
namespace {

constexpr std::array kNoMatchers = {
    "action",       "chain",
    "comment",      "disabled",
    "hw-offload",   "jump-target",
    "log",          "log-prefix",
    "passthrough",  "reject-with",
    "route-dst",    "sniff-id",
    "address-list", "address-list-timeout",
    "sniff-target", "sniff-target-port",
};

bool is_matcher(std::string_view name) {
    return !name.starts_with("new-") &&
           std::find(kNoMatchers.begin(), kNoMatchers.end(), name) == kNoMatchers.end();
}

int number(std::string_view text, int otherwise) {
    int value = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    return error == std::errc() && stop == end ? value : otherwise;
}

// A comma list of ports and of ranges such as 5000-5100.
bool port_in(std::string_view list, int port) {
    for (const auto& part : split(list, ',')) {
        const auto dash = part.find('-');
        const int low = number(std::string_view(part).substr(0, dash), -1);
        const int high =
            dash == part.npos ? low : number(std::string_view(part).substr(dash + 1), -1);
        if (low >= 0 && port >= low && port <= high) return true;
    }
    return false;
}

bool port_listed(std::string_view list, std::string_view port) {
    const bool wan = port == "ether1" || port == "ether2";
    return list == "all" || (list == "WAN" ? wan : list == "LAN" && !wan);
}

bool matches(std::string_view name, std::string_view value, const Packet& packet) {
    if (name == "connection-state") {
        const auto states = split(value, ',');
        return std::find(states.begin(), states.end(), packet.state) != states.end();
    }
    if (name == "connection-mark") {
        return value == (packet.connection_mark.empty() ? "no-mark" : packet.connection_mark);
    }
    // They all go out into the world.
    if (name == "dst-address-type") return value == "unicast";
    if (name == "in-interface") return value == packet.port;
    if (name == "in-interface-list") return port_listed(value, packet.port);
    if (name == "protocol") return value == packet.protocol;
    if (name == "dst-port") return port_in(value, packet.dst_port);
    return name == "dscp" && number(value, -1) == packet.dscp;
}

bool understood(std::string_view name) {
    constexpr std::array kUnderstood = {
        "connection-state",  "connection-mark", "dst-address-type", "in-interface",
        "in-interface-list", "protocol",        "dst-port",         "dscp"};
    return std::find(kUnderstood.begin(), kUnderstood.end(), name) != kUnderstood.end();
}

}  // namespace

bool is_meant_for(const Settings& rule, const Packet& packet) {
    return std::all_of(rule.begin(), rule.end(), [&packet](const auto& setting) {
        const auto& [name, text] = setting;
        if (!is_matcher(name)) return true;
        if (!understood(name)) return false;
        const std::string_view value = text;
        return value.starts_with('!') ? !matches(name, value.substr(1), packet)
                                      : matches(name, value, packet);
    });
}

}  // namespace wanctl::sim
