#include "tests/sim/rest/interfaces.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "tests/sim/rest/property.hpp"

namespace wanctl::sim {
namespace {

constexpr std::array kProperties = {
    PropertySpec{.name = "comment", .optional = true},
    PropertySpec{.name = "disabled", .type = ValueType::flag},
    PropertySpec{.name = "l2mtu", .type = ValueType::integer, .max = 65535},
    PropertySpec{.name = "mtu", .type = ValueType::integer, .min = 68, .max = 65535},
    PropertySpec{.name = "name"},
};

constexpr std::array kCounters = {
    "fp-rx-byte", "fp-rx-packet", "fp-tx-byte", "fp-tx-packet", "rx-byte",  "rx-drop",
    "rx-error",   "rx-packet",    "tx-byte",    "tx-drop",      "tx-error", "tx-packet",
};

constexpr int kEthernetPorts = 5;

Record port(int number) {
    Record record{
        {".id", format_id(static_cast<std::uint32_t>(number))},
        {"actual-mtu", "1500"},
        {"default-name", fmt::format("ether{}", number)},
        {"disabled", "false"},
        {"l2mtu", "1598"},
        {"link-downs", "0"},
        {"mac-address", fmt::format("02:00:5E:00:53:{:02X}", number)},
        {"max-l2mtu", "9796"},
        {"mtu", "1500"},
        {"name", fmt::format("ether{}", number)},
        {"running", "true"},
        {"tx-queue-drop", "0"},
        {"type", "ether"},
    };
    for (const auto* counter : kCounters) record.emplace(counter, "0");
    return record;
}

Record loopback() {
    Record record{
        {".id", format_id(kEthernetPorts + 1)},
        {"actual-mtu", "65536"},
        {"disabled", "false"},
        {"dynamic", "true"},
        {"mac-address", "00:00:00:00:00:00"},
        {"mtu", "65536"},
        {"name", "lo"},
        {"running", "true"},
        {"type", "loopback"},
    };
    for (const auto* counter : kCounters) record.emplace(counter, "0");
    return record;
}

}  // namespace

Interfaces::Interfaces() {
    for (int number = 1; number <= kEthernetPorts; ++number) items_.push_back(port(number));
    items_.push_back(loopback());
}

bool Interfaces::knows(std::string_view command) const {
    return command == "set" || command == "enable" || command == "disable" ||
           command == "comment" || command == "reset-counters";
}

Outcome<void> Interfaces::run(const std::string& command, const std::string& id,
                              const Settings& settings, const std::string&) {
    const auto item = std::find_if(items_.begin(), items_.end(),
                                   [&id](const auto& record) { return record.at(".id") == id; });
    if (item == items_.end()) return refuse_unknown_item();
    if (command == "reset-counters") {
        const std::string zero(1, '0');
        for (const auto* counter : kCounters) (*item)[counter] = zero;
        return {};
    }
    Settings wanted = settings;
    if (command == "enable") wanted = {{"disabled", "false"}};
    if (command == "disable") wanted = {{"disabled", "true"}};
    return change(*item, wanted);
}

bool Interfaces::exists(const std::string& name) const {
    return std::any_of(items_.begin(), items_.end(),
                       [&name](const auto& record) { return record.at("name") == name; });
}

bool Interfaces::running(const std::string& name) const {
    return std::any_of(items_.begin(), items_.end(), [&name](const auto& record) {
        return record.at("name") == name && record.at("running") == "true";
    });
}

Outcome<void> Interfaces::change(Record& item, const Settings& settings) {
    Record wanted = item;
    for (const auto& [name, value] : settings) {
        const auto* const spec = find_property(kProperties, name);
        if (spec == nullptr) return refuse_unknown_parameter(name);
        auto stored = normalised(*spec, value);
        if (!stored) return tl::unexpected(stored.error());
        wanted[name] = std::move(*stored);
    }
    if (wanted.at("name") != item.at("name") && exists(wanted.at("name"))) {
        return refuse("failure: already have such entry");
    }
    if (wanted.contains("comment") && wanted.at("comment").empty()) wanted.erase("comment");
    wanted["actual-mtu"] = wanted.at("mtu");
    wanted["running"] = wanted.at("disabled") == "true" ? "false" : "true";
    item = std::move(wanted);
    return {};
}

}  // namespace wanctl::sim
