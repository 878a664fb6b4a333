// The keys of wanctl-steering's file.
#include "common/config/keys.hpp"

namespace wanctl::config {

namespace {

using T = KeyType;
using P = Presence;

constexpr KeySpec kTop[] = {
    {.key = "primary",
     .presence = P::required,
     .value = "\"cable\"",
     .about = "name of the WAN that is watched, as in its own file's `wan`"},
    {.key = "alternate",
     .presence = P::required,
     .value = "\"dsl\"",
     .about = "name of the WAN that new connections are led to; it may have no ring"},
};

constexpr KeySpec kRule[] = {
    {.key = "comment",
     .presence = P::required,
     .value = "\"ADAPTIVE: Steer latency-sensitive to WAN2\"",
     .about = "exact comment of the one rule in /ip/firewall/mangle"},
    {.key = "reconcile",
     .type = T::choice,
     .value = "\"restore\"",
     .choices = "restore|report",
     .about = "what happens to a rule that somebody else has changed"},
};

constexpr KeySpec kDecide[] = {
    {.key = "policy",
     .type = T::choice,
     .value = "\"confidence\"",
     .choices = "confidence|three-state",
     .about = "what decides: a score of many signs, or RED for red_s and GREEN for green_s"},
    {.key = "dry_run",
     .type = T::boolean,
     .value = "false",
     .about = "true: decide and tell, but write nothing to the router"},
};

constexpr KeySpec kThreeState[] = {
    {.key = "green_rtt_ms",
     .type = T::number,
     .value = "5.0",
     .unit = "ms",
     .min = 0.01,
     .max = 10000,
     .about = "must be below yellow_rtt_ms; nothing else depends on it"},
    {.key = "yellow_rtt_ms",
     .type = T::number,
     .value = "15.0",
     .unit = "ms",
     .min = 0.01,
     .max = 10000,
     .about = "YELLOW above this average delta"},
    {.key = "red_rtt_ms",
     .type = T::number,
     .value = "15.0",
     .unit = "ms",
     .min = 0.01,
     .max = 10000,
     .about = "RED above this average delta, with drops and queue beside it"},
    {.key = "min_drops_red",
     .type = T::integer,
     .value = "1",
     .unit = "packets",
     .min = 1,
     .max = 1000000,
     .about = "RED needs as many drops between two readings of the queue"},
    {.key = "min_queue_yellow",
     .type = T::integer,
     .value = "10",
     .unit = "packets",
     .min = 1,
     .max = 1000000,
     .about = "YELLOW from as many packets waiting"},
    {.key = "min_queue_red",
     .type = T::integer,
     .value = "50",
     .unit = "packets",
     .min = 1,
     .max = 1000000,
     .about = "RED needs as many packets waiting"},
    {.key = "red_s",
     .type = T::number,
     .value = "0.1",
     .unit = "s",
     .min = 0.01,
     .max = 600,
     .about = "three-state: RED for as long begins"},
    {.key = "green_s",
     .type = T::number,
     .value = "0.75",
     .unit = "s",
     .min = 0.01,
     .max = 3600,
     .about = "three-state: GREEN for as long ends"},
    {.key = "rtt_ewma_alpha",
     .type = T::number,
     .value = "0.3",
     .min = 0.001,
     .max = 1.0,
     .about = "weight of a delta in its average, per 50 ms"},
};

constexpr KeySpec kConfidence[] = {
    {.key = "steer",
     .type = T::integer,
     .value = "55",
     .unit = "points",
     .min = 1,
     .max = 100,
     .about = "a score from here on begins"},
    {.key = "recover",
     .type = T::integer,
     .value = "20",
     .unit = "points",
     .min = 0,
     .max = 99,
     .about = "a score down from here ends, if delta and drops agree"},
    {.key = "sustain_s",
     .type = T::number,
     .value = "2.0",
     .unit = "s",
     .min = 0,
     .max = 600,
     .about = "how long the score must be high"},
    {.key = "recovery_sustain_s",
     .type = T::number,
     .value = "3.0",
     .unit = "s",
     .min = 0,
     .max = 600,
     .about = "how long it must be low; also how long the alternate must be worse to end early"},
    {.key = "hold_down_s",
     .type = T::number,
     .value = "30.0",
     .unit = "s",
     .min = 0,
     .max = 3600,
     .about = "no recovery earlier than this after a beginning"},
};

constexpr KeySpec kFlap[] = {
    {.key = "window_s",
     .type = T::number,
     .value = "300.0",
     .unit = "s",
     .min = 1,
     .max = 3600,
     .about = "over how long toggles are counted"},
    {.key = "max_toggles",
     .type = T::integer,
     .value = "4",
     .min = 1,
     .max = 64,
     .about = "more of them than this raise the threshold"},
    {.key = "penalty_s",
     .type = T::number,
     .value = "60.0",
     .unit = "s",
     .min = 0,
     .max = 3600,
     .about = "for so long"},
    {.key = "penalty",
     .type = T::integer,
     .value = "15",
     .unit = "points",
     .min = 0,
     .max = 100,
     .about = "by so much; no effect under policy = \"three-state\""},
};

constexpr KeySpec kFailsafe[] = {
    {.key = "require_alternate",
     .type = T::boolean,
     .value = "false",
     .about = "true: without the alternate's ring nothing is steered"},
    {.key = "stale_s",
     .type = T::number,
     .value = "1.0",
     .unit = "s",
     .min = 0.05,
     .max = 60,
     .about = "a record older than this (and than three of its slots) is no data"},
    {.key = "stale_release_s",
     .type = T::number,
     .value = "30.0",
     .unit = "s",
     .min = 1,
     .max = 3600,
     .about = "after so long without data the rule is released; not while the line is known down"},
    {.key = "on_exit",
     .type = T::choice,
     .value = "\"release\"",
     .choices = "release|keep",
     .about = "what the rule is left as at stop"},
};

constinit const SectionSpec kTopSection{"", SectionKind::table, "", kTop};
constinit const SectionSpec kRuleSection{"rule", SectionKind::table,
                                         "The one rule that leads to the alternate.", kRule};
constinit const SectionSpec kDecideSection{"decide", SectionKind::table, "How it is decided.",
                                           kDecide};
constinit const SectionSpec kThreeStateSection{
    "three_state", SectionKind::table, "GREEN, YELLOW or RED, of which the score is made too.",
    kThreeState};
constinit const SectionSpec kConfidenceSection{
    "confidence", SectionKind::table, "The score, 0 to 100, and how long it counts.", kConfidence};
constinit const SectionSpec kFlapSection{"flap", SectionKind::table,
                                         "What keeps the rule from going on and off.", kFlap};
constinit const SectionSpec kFailsafeSection{"failsafe", SectionKind::table,
                                             "What happens without data.", kFailsafe};

constexpr const SectionSpec* kSections[] = {
    &kTopSection,        &kRouterSection,        &kRuleSection,    &kDecideSection,
    &kThreeStateSection, &kConfidenceSection,    &kFlapSection,    &kFailsafeSection,
    &kStateSection,      &kShmSection,           &kHistorySection, &kHttpSection,
    &kProfileSection,    &kSteeringAlertSection, &kSinkSection,    &kLogSection,
};

constexpr KeyTable kSteering{"The configuration of wanctl-steering: /etc/wanctl/steering.toml",
                             kSections};

}  // namespace

const KeyTable& steering_keys() {
    return kSteering;
}

}  // namespace wanctl::config
