#include "tests/sim/rest/routes.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <string_view>
#include <utility>

namespace wanctl::sim {
namespace {

struct Network {
    std::string_view port;
    std::string_view prefix;  // of its addresses, all within a /24
};

constexpr std::array kNetworks = {
    Network{"ether1", "192.0.2."},
    Network{"ether2", "198.51.100."},
    Network{"ether3", "192.168.88."},
};

constexpr std::uint32_t kFirstStatic = 0x80000001;
constexpr std::uint32_t kFirstConnected = 0x20180001;

std::vector<PropertySpec> properties() {
    constexpr auto kInt = ValueType::integer;
    return {
        {.name = "blackhole", .type = ValueType::presence},
        {.name = "check-gateway",
         .type = ValueType::choice,
         .optional = true,
         .choices = "none,arp,ping,bfd"},
        optional_text("comment"),
        {.name = "disabled", .type = ValueType::flag, .optional = true},
        {.name = "distance", .type = kInt, .initial = "1", .min = 1, .max = 255},
        {.name = "dst-address", .initial = "0.0.0.0/0"},
        optional_text("gateway"),
        optional_text("pref-src"),
        {.name = "routing-table", .initial = "*0"},
        {.name = "scope", .type = kInt, .initial = "30", .max = 255},
        {.name = "target-scope", .type = kInt, .initial = "10", .max = 255},
        optional_text("vrf-interface"),
    };
}

bool disabled(const Settings& settings) {
    const auto flag = settings.find("disabled");
    return flag != settings.end() && flag->second == "true";
}

}  // namespace

Routes::Routes(const RoutingTables& tables, const Interfaces& interfaces)
    : ItemMenu({.specs = properties(), .first_id = kFirstStatic}),
      tables_(tables),
      interfaces_(interfaces) {
    std::uint32_t id = kFirstConnected;
    for (const auto& network : kNetworks) {
        Item route{.id = format_id(id++), .dynamic = true};
        route.settings = {{"distance", "0"},
                          {"dst-address", std::string(network.prefix) + "0/24"},
                          {"gateway", std::string(network.port)},
                          {"routing-table", "*0"},
                          {"scope", "10"},
                          {"target-scope", "5"}};
        items().push_back(std::move(route));
    }
}

std::optional<std::string> Routes::way_out(const std::string& table) const {
    const auto wanted = tables_.id_of(table);
    std::optional<std::string> port;
    int nearest = std::numeric_limits<int>::max();
    for (const auto& route : items()) {
        const auto& settings = route.settings;
        if (settings.at("dst-address") != "0.0.0.0/0" || settings.at("routing-table") != wanted)
            continue;
        const auto gateway = immediate_gateway(route);
        if (!gateway) continue;
        int distance = 0;
        const auto& text = settings.at("distance");
        std::from_chars(text.data(), text.data() + text.size(), distance);
        if (distance >= nearest) continue;
        nearest = distance;
        port = gateway->substr(gateway->find('%') + 1);
    }
    return port;
}

Outcome<void> Routes::check(const Item&, const Settings& given, Settings& wanted) const {
    if (given.contains("routing-table")) {
        const auto table = tables_.id_of(wanted.at("routing-table"));
        if (!table) return refuse("input does not match any value of routing-table");
        wanted["routing-table"] = *table;
    }
    if (!wanted.contains("gateway") && !wanted.contains("blackhole")) {
        return refuse("missing =gateway=");
    }
    return {};
}

Record Routes::record_of(const Item& item) const {
    Record record{{".id", item.id}};
    record.insert(item.settings.begin(), item.settings.end());
    if (disabled(item.settings)) {
        for (const auto* gone : {"distance", "scope", "target-scope", "routing-table"})
            record.erase(gone);
        record["inactive"] = "true";
        return record;
    }
    record.erase("disabled");
    record["routing-table"] = tables_.name_of(item.settings.at("routing-table"));
    record["dynamic"] = item.dynamic ? "true" : "false";
    record[item.dynamic ? "connect" : "static"] = "true";
    const auto gateway = immediate_gateway(item);
    record["immediate-gw"] = gateway.value_or("");
    record[gateway ? "active" : "inactive"] = "true";
    return record;
}

std::optional<std::string> Routes::immediate_gateway(const Item& item) const {
    const auto gateway = item.settings.find("gateway");
    if (disabled(item.settings) || gateway == item.settings.end()) return std::nullopt;
    const auto& text = gateway->second;
    const auto percent = text.find('%');
    std::string port = percent == text.npos ? text : text.substr(percent + 1);
    if (percent == text.npos && !interfaces_.exists(port)) {
        for (const auto& network : kNetworks) {
            if (text.starts_with(network.prefix)) port = network.port;
        }
        return interfaces_.running(port) ? std::optional(text + "%" + port) : std::nullopt;
    }
    return interfaces_.running(port) ? std::optional(text) : std::nullopt;
}

}  // namespace wanctl::sim
