#include "common/record/steering_reason_text.hpp"

#include <string_view>

#include <fmt/format.h>

#include "common/record/steering_names.hpp"
#include "common/record/steering_states.hpp"
#include "common/units.hpp"

namespace wanctl {
namespace {

// Durations of a policy are tenths of seconds and more.
std::string seconds(std::int64_t ns) {
    return fmt::format("{:.{}f} s", to_seconds(Nanos(ns)), ns < 1'000'000'000 ? 2 : 1);
}

std::string delta_text(std::int32_t us) {
    return us == kUnknownUs ? std::string("unknown") : fmt::format("{:.1f} ms", us / 1000.0);
}

std::string counted(std::int32_t count, std::string_view one, std::string_view many) {
    return fmt::format("{} {}", count, count == 1 ? one : many);
}

void append(std::string& text, std::string_view part) {
    if (!text.empty()) text += ", ";
    text += part;
}

std::string figures(const SteeringRecord& record) {
    const WanRecord& line = record.wan[0];
    std::string text;
    if (line.delta_us != kUnknownUs) append(text, "delta " + delta_text(line.delta_us));
    if (line.drops != kUnknownCount) append(text, counted(line.drops, "drop", "drops"));
    if (line.queue_packets != kUnknownCount) {
        append(text, counted(line.queue_packets, "packet waiting", "packets waiting"));
    }
    const auto direction = static_cast<CongestedDirection>(record.congestion);
    if (direction == CongestedDirection::none) return text;
    if (!text.empty()) text += "; ";
    if (direction == CongestedDirection::both) return text + "both directions";
    text += name(direction);
    return text + " only";
}

// What the assessment or the score rests on; empty when nothing is known.
std::string evidence(const SteeringRecord& record) {
    std::string text;
    for (std::size_t i = 0; i < names::kContributorWords.size(); ++i) {
        if ((record.contributors >> i & 1U) != 0) append(text, names::kContributorWords[i]);
    }
    const std::string inner = figures(record);
    if (inner.empty()) return text;
    return text.empty() ? inner : text + " (" + inner + ")";
}

// "score 85" or, under the three-state policy, "RED".
std::string level(const SteeringRecord& record) {
    if (record.score == kUnknownScore) {
        return std::string(name(static_cast<Assessment>(record.assessment)));
    }
    return fmt::format("score {}", record.score);
}

std::string with_evidence(const SteeringRecord& record, std::string text) {
    const std::string why = evidence(record);
    return why.empty() ? text : fmt::format("{}: {}", text, why);
}

// "score 85 reached 55"
std::string high(const SteeringRecord& record) {
    return record.score == kUnknownScore
               ? level(record)
               : fmt::format("{} reached {}", level(record), record.steer_threshold);
}

std::string held(const SteeringRecord& record) {
    return fmt::format("for {} of {}", seconds(record.held_ns), seconds(record.limit_ns));
}

std::string alternate_worse(const SteeringRecord& record) {
    if (static_cast<Usability>(record.wan[1].usable) == Usability::red)
        return "the alternate is RED";
    if (static_cast<Usability>(record.wan[1].usable) == Usability::blackout)
        return "nothing answers on the alternate";
    return fmt::format("the alternate's delta {} against {} of the primary",
                       delta_text(record.wan[1].delta_us), delta_text(record.wan[0].delta_us));
}

std::string held_back(const SteeringRecord& record, std::string_view because) {
    return with_evidence(
        record, fmt::format("would steer ({}), but the alternate {}", high(record), because));
}

std::string not_steering_text(const SteeringRecord& record) {
    using enum SteeringReason;
    switch (static_cast<SteeringReason>(record.reason)) {
        case quiet:
            return with_evidence(record, record.score == kUnknownScore
                                             ? level(record)
                                             : fmt::format("score {} below {}", record.score,
                                                           record.steer_threshold));
        case sustaining:
            return with_evidence(record, fmt::format("{} {}", high(record), held(record)));
        case alt_red:
            return held_back(record, "is RED");
        case alt_blackout:
            return held_back(record, "has no reply from anywhere");
        case alt_silent:
            return held_back(record, "gives no fresh data");
        case alt_slow:
            return held_back(record, fmt::format("has a delta of {} itself",
                                                 delta_text(record.wan[1].delta_us)));
        case alt_absent:
            return held_back(record, "has no ring, and require_alternate asks for one");
        case no_data:
            return fmt::format("no fresh data from the primary for {}", seconds(record.held_ns));
        case unmeasured:
            return "no reply on the primary, for a short time yet";
        default:
            return {};
    }
}

std::string steering_text(const SteeringRecord& record) {
    using enum SteeringReason;
    switch (static_cast<SteeringReason>(record.reason)) {
        case hold_down:
            return fmt::format("steering {} at least", held(record));
        case still_congested:
            return with_evidence(record, record.score == kUnknownScore
                                             ? level(record)
                                             : fmt::format("{}, not well above {}", level(record),
                                                           record.recover_threshold));
        case recovering:
            return with_evidence(record, fmt::format("{}, well {}", level(record), held(record)));
        case alt_worsening:
            return fmt::format("{} {}", alternate_worse(record), held(record));
        case losing_data:
            return fmt::format("no fresh data from the primary {}", held(record));
        case pri_down:
            return fmt::format("the primary's last word, {} ago, was a blackout; believed for {}",
                               seconds(record.held_ns), seconds(record.limit_ns));
        default:
            return {};
    }
}

std::string change_text(const SteeringRecord& record) {
    using enum SteeringReason;
    switch (static_cast<SteeringReason>(record.reason)) {
        case congested:
        case red_sustained:
            return with_evidence(record,
                                 fmt::format("{} for {}", high(record), seconds(record.held_ns)));
        case pri_blackout:
            return "nothing answers on the primary";
        case recovered:
            return with_evidence(
                record, fmt::format("{}, well for {}", level(record), seconds(record.held_ns)));
        case alt_worse:
            return fmt::format("{} for {}", alternate_worse(record), seconds(record.held_ns));
        case stale:
            return fmt::format("no fresh data from the primary for {}", seconds(record.held_ns));
        case exit:
            return "the daemon stops";
        case adopted:
            return "as found on the router at the start";
        case restored:
            return "somebody else changed the rule";
        default:
            return {};
    }
}

}  // namespace

std::string steering_reason_text(const SteeringRecord& record) {
    std::string text = not_steering_text(record);
    if (text.empty()) text = steering_text(record);
    if (text.empty()) text = change_text(record);
    return text;
}

}  // namespace wanctl
