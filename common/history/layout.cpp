#include "common/history/layout.hpp"

namespace wanctl::history {

namespace {

constexpr std::array<std::string_view, 4> kZones{"green", "yellow", "soft_red", "red"};
constexpr std::array<std::string_view, 2> kSteered{"good", "degraded"};

constexpr std::array<Quantity, 5> kCycleQuantities{{
    {"rtt", "us", true, "wanctl_rtt_ms", 1e3},
    {"baseline", "us", false, "wanctl_rtt_baseline_ms", 1e3},
    {"delta", "us", true, "wanctl_rtt_delta_ms", 1e3},
    {"down", "bps", false, "wanctl_rate_download_mbps", 1e6},
    {"up", "bps", false, "wanctl_rate_upload_mbps", 1e6},
}};
constexpr std::array<Axis, 2> kCycleAxes{{
    {"down_zone", "down", kZones, "wanctl_state", R"({"direction":"download"})"},
    {"up_zone", "up", kZones, "", ""},
}};

constexpr std::array<Quantity, 2> kSteeringQuantities{{
    {"delta", "us", true, "wanctl_rtt_delta_ms", 1e3},
    {"score", "", false, "wanctl_steering_score", 1},
}};
constexpr std::array<Axis, 2> kSteeringAxes{{
    {"state", "state", kSteered, "wanctl_steering_enabled", ""},
    {"zone", "zone", kZones, "wanctl_state", R"({"source":"steering"})"},
}};

constexpr Layout kCycle{"autorate", kCycleQuantities, kCycleAxes,
                        R"(SELECT at_ms, 'wanctl_state', zone_to, json_object(
        'direction', CASE direction WHEN 0 THEN 'download' ELSE 'upload' END, 'reason', reason),
        'raw' FROM transitions)",
                        "wanctl_state"};
constexpr Layout kSteering{"steering", kSteeringQuantities, kSteeringAxes,
                           R"(SELECT at_ms, 'wanctl_steering_transition', zone_to, json_object(
        'reason', reason,
        'from_state', CASE zone_from WHEN 0 THEN 'GOOD' ELSE 'DEGRADED' END,
        'to_state', CASE zone_to WHEN 0 THEN 'GOOD' ELSE 'DEGRADED' END),
        'raw' FROM transitions)",
                           "wanctl_steering_transition"};

}  // namespace

const Layout& cycle_layout() {
    return kCycle;
}

const Layout& steering_layout() {
    return kSteering;
}

std::string raw_column(const Quantity& quantity) {
    std::string column(quantity.stem);
    if (!quantity.unit.empty()) column.append("_").append(quantity.unit);
    return column;
}

}  // namespace wanctl::history
