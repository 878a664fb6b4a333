// The words for the enumerations of a steering record; what it shares with a cycle's record is in
// state_names.hpp. Append only.
#pragma once

#include "common/record/state_names.hpp"

namespace wanctl::names {

inline constexpr std::array<std::string_view, 2> kPolicyWords{"confidence", "three-state"};
inline constexpr std::array<std::string_view, 2> kSteeringStateWords{"GOOD", "DEGRADED"};
inline constexpr std::array<std::string_view, 3> kActionWords{"none", "ENABLE", "DISABLE"};
inline constexpr std::array<std::string_view, 5> kAssessmentWords{"unknown", "GREEN", "YELLOW",
                                                                  "RED", "SOFT_RED"};
inline constexpr std::array<std::string_view, 9> kContributorWords{
    "RED",          "SOFT_RED_sustained", "YELLOW",  "rtt_severe",  "rtt_high",
    "drops_rising", "queue_high",         "WAN_RED", "WAN_SOFT_RED"};
inline constexpr std::array<std::string_view, 7> kTimerWords{
    "sustain",      "hold_down",     "recovery",    "early_end",
    "flap_penalty", "stale_release", "primary_down"};
inline constexpr std::array<std::string_view, 9> kSourceWords{
    "absent", "waiting", "live", "stale", "hung", "stopped", "dead", "other_version", "refused"};
inline constexpr std::array<std::string_view, 7> kUsableWords{
    "usable", "assumed", "RED", "blackout", "silent", "absent", "blind"};
inline constexpr std::array<std::string_view, 4> kCongestionWords{"none", "download", "upload",
                                                                  "both"};
inline constexpr std::array<std::string_view, 3> kRuleWords{"unknown", "disabled", "enabled"};
inline constexpr std::array<std::string_view, 4> kRuleStatusWords{"unread", "ok", "missing",
                                                                  "ambiguous"};
inline constexpr std::array<std::string_view, 25> kWhyWords{
    "none",          "quiet",        "sustaining", "alt_red",         "alt_blackout",
    "alt_silent",    "alt_absent",   "no_data",    "unmeasured",      "congested",
    "red_sustained", "pri_blackout", "hold_down",  "still_congested", "recovering",
    "alt_worsening", "losing_data",  "pri_down",   "recovered",       "alt_worse",
    "stale",         "exit",         "adopted",    "restored",        "alt_slow"};
inline constexpr std::array<std::string_view, 4> kSteeringFlagWords{
    "stopping", "dry_run", "write_pending", "rule_changed"};

inline constexpr NameTable kPolicy{"policy", kPolicyWords};
inline constexpr NameTable kSteeringState{"state", kSteeringStateWords};
inline constexpr NameTable kAction{"action", kActionWords};
inline constexpr NameTable kAssessment{"assessment", kAssessmentWords};
inline constexpr NameTable kContributor{"contributor", kContributorWords};
inline constexpr NameTable kTimer{"timer", kTimerWords};
inline constexpr NameTable kSource{"source", kSourceWords};
inline constexpr NameTable kUsable{"usable", kUsableWords};
inline constexpr NameTable kCongestion{"congestion", kCongestionWords};
inline constexpr NameTable kRule{"rule", kRuleWords};
inline constexpr NameTable kRuleStatus{"rule_status", kRuleStatusWords};
inline constexpr NameTable kWhy{"reason", kWhyWords};
inline constexpr NameTable kSteeringFlag{"flag", kSteeringFlagWords};

}  // namespace wanctl::names
