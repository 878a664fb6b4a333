#include "common/alert/message.hpp"

#include <array>

#include <fmt/format.h>

#include "common/record/states.hpp"
#include "common/record/steering_reason_text.hpp"
#include "common/record/steering_states.hpp"

namespace wanctl::alert {

namespace {

struct Words {
    std::string_view holds;
    std::string_view over;
};

constexpr std::array<Words, kAlertTypes> kWords{{
    {"the download is congested", "the download is no longer congested"},
    {"the upload is congested", "the upload is no longer congested"},
    {"the download's zone goes to and fro", "the download's zone is steady again"},
    {"the upload's zone goes to and fro", "the upload's zone is steady again"},
    {"the WAN is offline: nobody answers", "the WAN is back"},
    {"no reflector can be used", "reflectors can be used again"},
    {"the baseline is far from [baseline] initial_ms", "the baseline is near initial_ms again"},
    {"the slots take too long for the interval", "the slots fit the interval again"},
    {"traffic is steered to the alternate WAN", "traffic is back on the primary WAN"},
    {"steering is refused", "steering is no longer refused"},
    {"steering goes on and off too often", "steering is steady again"},
    {"the router cannot be controlled", "the router is controlled again"},
    {"history is lost", "history is kept again"},
}};

// "90 s", "0.4 s": whole seconds once they say enough.
std::string seconds(Nanos value) {
    const double s = to_seconds(value);
    return s < 10 ? fmt::format("{:.1f} s", s) : fmt::format("{:.0f} s", s);
}

Message begun(const Event& event, const AlertRule& rule, const std::string& wan,
              std::int64_t real_ns) {
    Message out;
    out.type = name(rule.type);
    out.severity = rule.severity;
    out.phase = event.phase;
    out.wan = wan;
    out.at = WallTime(Nanos(real_ns));
    out.lasted = event.lasted;
    out.unheeded = event.unheeded;
    const Words& words = kWords.at(static_cast<std::size_t>(rule.type));
    if (event.phase == Phase::recovered) {
        out.text = fmt::format("{}: {}, after {}", wan, words.over, seconds(event.lasted));
    } else {
        out.text = fmt::format("{}: {}", wan, words.holds);
        if (event.lasted > Nanos(0)) out.text += fmt::format(" for {}", seconds(event.lasted));
        if (event.unheeded > 0)
            out.text += fmt::format(" ({} times more since the last alert)", event.unheeded);
    }
    return out;
}

double mbps(std::int64_t bps) {
    return static_cast<double>(bps) / 1e6;
}

}  // namespace

std::string_view name(Phase value) {
    return value == Phase::raised ? "raised" : "recovered";
}

Message message_of(const Event& event, const AlertRule& rule, const CycleRecord& record,
                   const std::string& wan) {
    Message out = begun(event, rule, wan, record.real_ns);
    out.program = "wanctl-autorate";
    const auto ms = [](std::int64_t ns) { return to_ms(Nanos(ns)); };
    const auto& [down, up] = record.direction;
    out.details = {
        {"download_zone", std::string(name(static_cast<Zone>(down.zone)))},
        {"upload_zone", std::string(name(static_cast<Zone>(up.zone)))},
        {"download_mbps", mbps(down.wanted_bps)},
        {"upload_mbps", mbps(up.wanted_bps)},
        {"delta_ms", ms(record.delta_ns)},
        {"load_ms", ms(record.load_ns)},
        {"baseline_ms", ms(record.baseline_ns)},
        {"measurement", std::string(name(static_cast<MeasurementState>(record.measurement)))},
        {"fallback", std::string(name(static_cast<FallbackState>(record.fallback)))},
        {"router", std::string(name(static_cast<RouterState>(record.router_state)))},
        {"missed_slots", static_cast<double>(record.missed_slots)},
    };
    return out;
}

Message message_of(const Event& event, const AlertRule& rule, const SteeringRecord& record,
                   const std::string& wan) {
    Message out = begun(event, rule, wan, record.real_ns);
    out.program = "wanctl-steering";
    out.details = {
        {"state", std::string(name(static_cast<SteeringState>(record.state)))},
        {"reason", steering_reason_text(record)},
        {"rule", std::string(name(static_cast<RuleState>(record.rule_read)))},
        {"rule_status", std::string(name(static_cast<RuleStatus>(record.rule_status)))},
        {"router", std::string(name(static_cast<RouterState>(record.router_state)))},
        {"toggles", static_cast<double>(record.toggles)},
    };
    if (record.score != kUnknownScore)
        out.details.push_back({"score", static_cast<double>(record.score)});
    return out;
}

Message test_message(WallTime now, const std::string& sink) {
    Message out;
    out.type = "test";
    out.program = "wanctl";
    out.wan = "none";
    out.at = now;
    out.text = fmt::format("A test of sink {}: alerts of wanctl arrive here.", sink);
    return out;
}

}  // namespace wanctl::alert
