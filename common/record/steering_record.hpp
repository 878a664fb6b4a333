// One decision of wanctl-steering as everybody sees it: the ring's payload, and the source of every
// view.
//
// Plain integers only, fixed offsets, no padding: this is the ABI of the shared-memory ring
// (steering_fields.hpp is the table that names, types and units every field). Append in `reserved`
// only, and raise the minor version when you do.
#pragma once

#include <cstdint>

#include "common/record/cycle_record.hpp"

namespace wanctl {

inline constexpr int kMaxContributors = 12;
inline constexpr int kMaxTimers = 8;
inline constexpr std::int32_t kUnknownCount = std::numeric_limits<std::int32_t>::min();
inline constexpr std::int32_t kUnknownScore = -1;  // under the three-state policy, and before data
inline constexpr std::uint8_t kUnknownWord = 255;  // of an enumeration that has no word for it
inline constexpr std::uint32_t kNoTimer = std::numeric_limits<std::uint32_t>::max();

// Which of the two lines, as index into SteeringRecord::wan.
enum class SteeredWan : std::uint8_t { primary = 0, alternate = 1 };

// What steering knows of one line, all of it from that line's ring.
struct WanRecord {
    std::uint64_t seen = 0;                      // records of its ring dealt with; 0: none yet
    std::uint64_t missed = 0;                    // of these, overwritten before they could be read
    std::int64_t age_ns = kUnknownNs;            // of the newest record at this decision
    std::int64_t queue_age_ns = kUnknownNs;      // of the queue reading at this decision
    std::int32_t delta_us = kUnknownUs;          // load minus baseline, as the line's record has it
    std::int32_t delta_ewma_us = kUnknownUs;     // what the three-state assessment looks at
    std::int32_t drops = kUnknownCount;          // between the last two readings, worse direction
    std::int32_t queue_packets = kUnknownCount;  // waiting at the last reading, worse direction
    std::uint8_t dl_zone = kUnknownWord;         // Zone
    std::uint8_t ul_zone = kUnknownWord;         // Zone
    std::uint8_t source = 0;                     // SourceState
    std::uint8_t usable = 0;                     // Usability
    std::uint32_t restarts = 0;                  // of its writer since start
};

struct SteeringRecord {
    std::int64_t mono_ns = 0;        // CLOCK_MONOTONIC of the decision
    std::int64_t real_ns = 0;        // CLOCK_REALTIME at the same moment, a label
    std::uint64_t slot = 0;          // number of the decision since start
    std::uint64_t missed_slots = 0;  // timer ticks skipped since start
    std::uint32_t interval_ns = 0;   // longest time between decisions: the timer's
    std::uint32_t lateness_ns = 0;   // decided this much after the record was published or the
                                     // timer was due, saturating
    std::uint32_t flags = 0;         // SteeringFlag bits
    std::uint8_t policy = 0;         // SteeringPolicy
    std::uint8_t assessment = 0;     // Assessment of the primary
    std::uint8_t state = 0;          // SteeringState after this decision
    std::uint8_t action = 0;         // SteeringAction decided now

    WanRecord wan[2];  // [SteeredWan]

    std::int64_t held_ns = 0;   // for how long the reason's cause has lasted
    std::int64_t limit_ns = 0;  // how long it has to, 0 without a limit
    std::int32_t score = kUnknownScore;
    std::int32_t steer_threshold = 0;  // with the flap penalty
    std::int32_t recover_threshold = 0;
    std::uint32_t contributors = 0;  // bit i: Contributor i
    std::uint8_t points[kMaxContributors] =
        {};                        // [Contributor], their sum, 100 at most, is the score
    std::uint8_t reason = 0;       // SteeringReason
    std::uint8_t congestion = 0;   // CongestedDirection
    std::uint8_t rule_wanted = 0;  // RuleState
    std::uint8_t rule_read = 0;    // RuleState the router last told
    // [SteeringTimer], kNoTimer: not running; both saturating.
    std::uint32_t timer_left_us[kMaxTimers] = {kNoTimer, kNoTimer, kNoTimer, kNoTimer,
                                               kNoTimer, kNoTimer, kNoTimer, kNoTimer};
    std::uint32_t timer_length_us[kMaxTimers] = {kNoTimer, kNoTimer, kNoTimer, kNoTimer,
                                                 kNoTimer, kNoTimer, kNoTimer, kNoTimer};
    std::int64_t rule_age_ns = kUnknownNs;     // since the router last told of the rule
    std::int64_t state_since_ns = kUnknownNs;  // CLOCK_MONOTONIC from which the state holds

    // The last time steering acted (or would have, under dry_run), or took the rule as it was.
    std::int64_t last_at_ns = kUnknownNs;  // CLOCK_MONOTONIC
    std::int32_t last_score = kUnknownScore;
    std::int32_t last_delta_us = kUnknownUs;
    std::uint32_t last_latency_us = 0;  // of its request, saturating
    std::uint32_t last_send_us = 0;     // from the cause's record to the request in the kernel
    std::uint32_t toggles = 0;          // within the flap window
    std::uint16_t last_http_status = 0;
    std::uint8_t last_action = 0;   // SteeringAction
    std::uint8_t last_reason = 0;   // SteeringReason
    std::uint8_t last_outcome = 0;  // WriteOutcome
    std::uint8_t router_state = 0;  // RouterState
    std::uint8_t rule_status = 0;   // RuleStatus

    std::uint8_t reserved[181] = {};
};

enum SteeringFlag : std::uint32_t {
    kSteeringStopping = 1U << 0,      // the writer's last record
    kSteeringDryRun = 1U << 1,        // nothing is written to the router
    kSteeringWritePending = 1U << 2,  // the router does not hold what is wanted
    kSteeringRuleChanged = 1U << 3,   // somebody else changed the rule
};

}  // namespace wanctl
