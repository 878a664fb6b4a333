// An alert as it is told: the same facts for every sink.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "common/alert/engine.hpp"
#include "common/record/cycle_record.hpp"
#include "common/record/steering_record.hpp"

namespace wanctl::alert {

struct Detail {
    std::string key;  // with its unit: "delta_ms"
    std::variant<double, std::string> value;
};

struct Message {
    std::string type;  // the rule's; "test" for a trial
    AlertSeverity severity = AlertSeverity::info;
    Phase phase = Phase::raised;
    std::string program;  // "wanctl-autorate"
    std::string wan;      // the WAN's name; "steering"
    WallTime at{};
    Nanos lasted{};
    std::uint32_t unheeded = 0;  // as in Event
    std::string text;            // one sentence that says all that matters
    std::vector<Detail> details;
};

[[nodiscard]] std::string_view name(Phase value);

// What an event of `rule` is about, as of the record that it happened in.
[[nodiscard]] Message message_of(const Event& event, const AlertRule& rule,
                                 const CycleRecord& record, const std::string& wan);
[[nodiscard]] Message message_of(const Event& event, const AlertRule& rule,
                                 const SteeringRecord& record, const std::string& wan);
// What `wanctl alert test` sends.
[[nodiscard]] Message test_message(WallTime now, const std::string& sink);

}  // namespace wanctl::alert
