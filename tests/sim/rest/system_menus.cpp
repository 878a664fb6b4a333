#include "tests/sim/rest/system_menus.hpp"

#include <chrono>

#include <fmt/format.h>

#include "tests/sim/rest/property.hpp"

namespace wanctl::sim {

Outcome<void> SystemIdentity::run(const std::string&, const std::string&, const Settings& settings,
                                  const std::string&) {
    for (const auto& [name, value] : settings) {
        if (name != "name") return refuse_unknown_parameter(name);
    }
    if (const auto name = settings.find("name"); name != settings.end()) name_ = name->second;
    return {};
}

SystemResource::SystemResource(const Clock& clock, std::string version)
    : clock_(clock), version_(std::move(version)), booted_(clock.steady()) {}

std::vector<Record> SystemResource::records() const {
    const auto up = std::chrono::floor<std::chrono::seconds>(clock_.steady() - booted_);
    return {{
        {"architecture-name", "arm64"},
        {"bad-blocks", "0"},
        {"board-name", "RB5009UG+S+"},
        {"build-time", "2026-06-01 10:00:00"},
        {"cpu", "ARM64"},
        {"cpu-count", "4"},
        {"cpu-frequency", "1400"},
        {"cpu-load", fmt::format("{}", cpu_load_)},
        {"factory-software", "7.4"},
        {"free-hdd-space", "1000000000"},
        {"free-memory", "850000000"},
        {"platform", "MikroTik"},
        {"total-hdd-space", "1073741824"},
        {"total-memory", "1073741824"},
        {"uptime", format_duration(up)},
        {"version", version_},
        {"write-sect-since-reboot", fmt::format("{}", sectors_since_reboot_)},
        {"write-sect-total", fmt::format("{}", sectors_total_)},
    }};
}

Outcome<void> SystemResource::run(const std::string&, const std::string&, const Settings&,
                                  const std::string&) {
    return refuse("no such command");
}

void SystemResource::wrote_sectors(std::uint64_t sectors) {
    sectors_since_reboot_ += sectors;
    sectors_total_ += sectors;
}

void SystemResource::reboot() {
    booted_ = clock_.steady();
    sectors_since_reboot_ = 0;
}

}  // namespace wanctl::sim
