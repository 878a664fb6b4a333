#include "tests/sim/rest/queue_types.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "tests/sim/rest/copy_from.hpp"
#include "tests/sim/rest/property.hpp"

namespace wanctl::sim {
namespace {

constexpr std::int64_t kAnyCount = 4'294'967'295;
constexpr auto kInt = ValueType::integer;
constexpr auto kTime = ValueType::duration;
constexpr auto kFlag = ValueType::flag;

constexpr PropertySpec count(std::string_view name, std::string_view initial,
                             std::int64_t max = kAnyCount) {
    return {.name = name, .type = kInt, .initial = initial, .max = max};
}

constexpr std::array kProperties = {
    PropertySpec{.name = "name"},
    PropertySpec{.name = "kind",
                 .type = ValueType::choice,
                 .initial = "pfifo",
                 .choices = "bfifo,cake,codel,fq-codel,mq-pfifo,none,pcq,pfifo,red,sfq"},
    count("bfifo-limit", "15000"),
    PropertySpec{.name = "cake-ack-filter",
                 .type = ValueType::choice,
                 .initial = "none",
                 .choices = "none,filter,aggressive"},
    PropertySpec{
        .name = "cake-atm", .type = ValueType::choice, .optional = true, .choices = "none,atm,ptm"},
    PropertySpec{.name = "cake-autorate-ingress", .type = kFlag, .optional = true},
    PropertySpec{.name = "cake-bandwidth", .type = ValueType::rate, .initial = "0"},
    PropertySpec{.name = "cake-diffserv",
                 .type = ValueType::choice,
                 .initial = "diffserv3",
                 .choices = "besteffort,diffserv3,diffserv4,diffserv8,precedence"},
    PropertySpec{.name = "cake-flowmode",
                 .type = ValueType::choice,
                 .initial = "triple-isolate",
                 .choices = "dsthost,dual-dsthost,dual-srchost,flowblind,flows,hosts,srchost,"
                            "triple-isolate"},
    PropertySpec{.name = "cake-memlimit", .type = kInt, .optional = true, .max = kAnyCount},
    PropertySpec{.name = "cake-mpu", .type = kInt, .optional = true, .max = 256},
    PropertySpec{.name = "cake-nat", .type = kFlag, .optional = true},
    PropertySpec{.name = "cake-overhead", .type = kInt, .initial = "0", .min = -64, .max = 256},
    PropertySpec{.name = "cake-overhead-scheme",
                 .type = ValueType::choices,
                 .optional = true,
                 .choices = "bridged-llcsnap,bridged-ptm,bridged-vcmux,convervative,docsis,"
                            "ether-vlan,ethernet,ipoa-llcsnap,ipoa-vcmux,pppoa-llc,pppoa-vcmux,"
                            "pppoe-llcsnap,pppoe-ptm,pppoe-vcmux,raw,via-ethernet"},
    PropertySpec{.name = "cake-rtt", .type = kTime, .initial = "100ms"},
    PropertySpec{.name = "cake-rtt-scheme",
                 .type = ValueType::choice,
                 .optional = true,
                 .choices = "datacentre,internet,interplanetary,lan,metro,none,oceanic,regional,"
                            "satellite"},
    PropertySpec{.name = "cake-wash", .type = kFlag, .optional = true},
    PropertySpec{.name = "codel-ce-threshold", .type = kTime, .optional = true},
    PropertySpec{.name = "codel-ecn", .type = kFlag, .initial = "false"},
    PropertySpec{.name = "codel-interval", .type = kTime, .initial = "100ms"},
    count("codel-limit", "1000"),
    PropertySpec{.name = "codel-target", .type = kTime, .initial = "5ms"},
    PropertySpec{.name = "fq-codel-ce-threshold", .type = kTime, .optional = true},
    PropertySpec{.name = "fq-codel-ecn", .type = kFlag, .initial = "true"},
    count("fq-codel-flows", "1024"),
    PropertySpec{.name = "fq-codel-interval", .type = kTime, .initial = "100ms"},
    count("fq-codel-limit", "10240"),
    count("fq-codel-memlimit", "33554432"),
    count("fq-codel-quantum", "1514"),
    PropertySpec{.name = "fq-codel-target", .type = kTime, .initial = "5ms"},
    count("mq-pfifo-limit", "50"),
    PropertySpec{.name = "pcq-burst-rate", .type = ValueType::rate, .initial = "0"},
    PropertySpec{.name = "pcq-burst-threshold", .type = ValueType::rate, .initial = "0"},
    PropertySpec{.name = "pcq-burst-time", .type = kTime, .initial = "10s"},
    PropertySpec{.name = "pcq-classifier",
                 .type = ValueType::choices,
                 .choices = "src-address,dst-address,src-port,dst-port"},
    count("pcq-dst-address-mask", "32", 32),
    count("pcq-dst-address6-mask", "128", 128),
    count("pcq-limit", "50"),
    PropertySpec{.name = "pcq-rate", .type = ValueType::rate, .initial = "0"},
    count("pcq-src-address-mask", "32", 32),
    count("pcq-src-address6-mask", "128", 128),
    count("pcq-total-limit", "2000"),
    count("pfifo-limit", "50"),
    count("red-avg-packet", "1000"),
    count("red-burst", "20"),
    count("red-limit", "60"),
    count("red-max-threshold", "50"),
    count("red-min-threshold", "10"),
    count("sfq-allot", "1514"),
    count("sfq-perturb", "5"),
};

struct BuiltIn {
    std::string_view name;
    std::string_view kind;
    std::string_view property;
    std::string_view value;
};

// In the router's own order: the ids count down from *FFFFFFFF.
constexpr std::array kBuiltIn = {
    BuiltIn{"default", "pfifo", "pfifo-limit", "50"},
    BuiltIn{"ethernet-default", "pfifo", "pfifo-limit", "50"},
    BuiltIn{"wireless-default", "sfq", "sfq-perturb", "5"},
    BuiltIn{"synchronous-default", "red", "red-limit", "60"},
    BuiltIn{"hotspot-default", "sfq", "sfq-perturb", "5"},
    BuiltIn{"pcq-upload-default", "pcq", "pcq-classifier", "src-address"},
    BuiltIn{"pcq-download-default", "pcq", "pcq-classifier", "dst-address"},
    BuiltIn{"only-hardware-queue", "none", "", ""},
    BuiltIn{"multi-queue-ethernet-default", "mq-pfifo", "mq-pfifo-limit", "50"},
    BuiltIn{"default-small", "pfifo", "pfifo-limit", "10"},
};

Settings initial_settings() {
    Settings settings;
    for (const auto& spec : kProperties) settings.emplace(spec.name, spec.initial);
    return settings;
}

bool returned(const std::string& property, const std::string& value, const std::string& kind) {
    if (property == "name" || property == "kind") return true;
    return !value.empty() && property.starts_with(kind + "-");
}

}  // namespace

QueueTypes::QueueTypes() {
    std::uint32_t id = 0xFFFFFFFF;
    for (const auto& built_in : kBuiltIn) {
        Type type{.id = format_id(id--), .built_in = true, .settings = initial_settings()};
        type.settings["name"] = built_in.name;
        type.settings["kind"] = built_in.kind;
        if (!built_in.property.empty()) {
            type.settings[std::string(built_in.property)] = built_in.value;
        }
        types_.push_back(std::move(type));
    }
}

bool QueueTypes::knows(std::string_view command) const {
    return command == "add" || command == "set" || command == "remove";
}

std::vector<Record> QueueTypes::records() const {
    std::vector<Record> records;
    for (const auto& type : types_) {
        Record record{{".id", type.id}, {"default", type.built_in ? "true" : "false"}};
        const auto& kind = type.settings.at("kind");
        for (const auto& [property, value] : type.settings) {
            if (returned(property, value, kind)) record.emplace(property, value);
        }
        records.push_back(std::move(record));
    }
    return records;
}

Outcome<std::string> QueueTypes::add(const Settings& settings, const std::string&) {
    Settings rest = settings;
    Type type{.id = format_id(next_id_), .settings = initial_settings()};
    const auto original = take_original(types_, rest);
    if (!original) return tl::unexpected(original.error());
    if (*original != nullptr) {
        type.settings = (*original)->settings;
        type.settings["name"].clear();
    }
    if (!rest.contains("name")) rest["name"] = fmt::format("queue{}", next_id_);
    if (auto done = change(type, rest); !done) return tl::unexpected(done.error());
    ++next_id_;
    types_.push_back(std::move(type));
    return types_.back().id;
}

Outcome<void> QueueTypes::run(const std::string& command, const std::string& id,
                              const Settings& settings, const std::string&) {
    const auto type = std::find_if(types_.begin(), types_.end(),
                                   [&id](const auto& candidate) { return candidate.id == id; });
    if (type == types_.end()) return refuse_unknown_item();
    if (command == "set") return change(*type, settings);
    if (type->built_in) return refuse("failure: can not remove default queue type");
    types_.erase(type);
    return {};
}

std::optional<std::string> QueueTypes::id_of(const std::string& name) const {
    for (const auto& type : types_) {
        if (type.settings.at("name") == name) return type.id;
    }
    return std::nullopt;
}

std::string QueueTypes::name_of(const std::string& id) const {
    for (const auto& type : types_) {
        if (type.id == id) return type.settings.at("name");
    }
    return id;
}

Outcome<void> QueueTypes::change(Type& type, const Settings& settings) const {
    Settings wanted = type.settings;
    for (const auto& [name, value] : settings) {
        const auto* const spec = find_property(kProperties, name);
        if (spec == nullptr) return refuse_unknown_parameter(name);
        auto stored = normalised(*spec, value);
        if (!stored) return tl::unexpected(stored.error());
        wanted[name] = std::move(*stored);
    }
    if (wanted.at("name").empty()) return refuse("invalid value for argument name");
    const auto owner = id_of(wanted.at("name"));
    if (owner && *owner != type.id) return refuse("failure: already have such entry");
    type.settings = std::move(wanted);
    return {};
}

}  // namespace wanctl::sim
