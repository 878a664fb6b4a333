// What is alerted about, and where that goes: [[alert]] and [sink.NAME], parsed and checked.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/units.hpp"

namespace wanctl {

// What an alert is about; each is something that holds or does not (common/alert/conditions.hpp).
enum class AlertType : std::uint8_t {
    // Of wanctl-autorate.
    congestion_download,
    congestion_upload,
    flapping_download,
    flapping_upload,
    wan_offline,
    reflectors_bad,
    baseline_drift,
    cycle_budget,
    // Of wanctl-steering.
    steering_on,
    steering_refused,
    flapping,
    // Of both.
    router_lost,
    history_lost,
};
inline constexpr std::size_t kAlertTypes = 13;
inline constexpr std::size_t kMostAlertRules = 64;

enum class AlertSeverity : std::uint8_t { info, warning, critical };

[[nodiscard]] std::string_view name(AlertType value);
[[nodiscard]] std::string_view name(AlertSeverity value);

// One [[alert]] that is enabled. Several may be about the same.
struct AlertRule {
    AlertType type = AlertType::wan_offline;
    AlertSeverity severity = AlertSeverity::warning;
    Nanos sustain{std::chrono::seconds(60)};
    Nanos cooldown{std::chrono::seconds(300)};
    std::vector<std::string> sinks{};  // names; empty: the log

    bool operator==(const AlertRule&) const = default;
};

enum class SinkKind : std::uint8_t { log, json, discord, ntfy };

[[nodiscard]] std::string_view name(SinkKind value);

// One [sink.NAME].
struct SinkConfig {
    std::string name;
    SinkKind kind = SinkKind::log;
    std::string url_file;  // the first line is the URL, a secret; empty for the log
    std::string ca_file;   // CA certificates to trust (PEM); empty: the system's

    bool operator==(const SinkConfig&) const = default;
};

struct AlertConfig {
    std::vector<AlertRule> rules;
    std::vector<SinkConfig> sinks;

    [[nodiscard]] const SinkConfig* sink(std::string_view name) const;

    bool operator==(const AlertConfig&) const = default;
};

}  // namespace wanctl
