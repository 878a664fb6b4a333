// The named states a steering record can hold. The numbers are part of the shared-memory ABI:
// append only.
#pragma once

#include <cstdint>
#include <string_view>

namespace wanctl {

enum class SteeringPolicy : std::uint8_t { confidence = 0, three_state = 1 };

enum class SteeringState : std::uint8_t { good = 0, degraded = 1 };

enum class SteeringAction : std::uint8_t { none = 0, enable = 1, disable = 2 };

// The three-state view of the primary. A fourth state comes only from recordings.
enum class Assessment : std::uint8_t {
    unknown = 0,
    green = 1,
    yellow = 2,
    red = 3,
    soft_red = 4,
};

// What adds to the confidence score.
enum class Contributor : std::uint8_t {
    red = 0,
    soft_red_sustained = 1,
    yellow = 2,
    rtt_severe = 3,
    rtt_high = 4,
    drops_rising = 5,
    queue_high = 6,
    wan_red = 7,
    wan_soft_red = 8,
};

enum class SteeringTimer : std::uint8_t {
    sustain = 0,        // the score is high: until the rule is enabled
    hold_down = 1,      // since it was enabled: until a recovery may begin
    recovery = 2,       // the score is low: until the rule is disabled
    early_end = 3,      // the alternate is worse: until the rule is disabled
    flap_penalty = 4,   // until the threshold is back at its own value
    stale_release = 5,  // no data: until the rule is disabled
    primary_down = 6,   // no data, but the last of it was a blackout: until that is too old
};

// What a line's ring is to its reader.
enum class SourceState : std::uint8_t {
    absent = 0,         // no segment of that name
    waiting = 1,        // there, but being built or without a record
    live = 2,           // its newest record is fresh
    stale = 3,          // its writer lives, its newest record is too old
    hung = 4,           // its writer holds its lock, but turns no more
    stopped = 5,        // its writer said so
    dead = 6,           // its writer is gone without a word
    other_version = 7,  // written by a program of another ABI
    refused = 8,        // wrong owner, mode, size or content
};

// What a line may be used for.
enum class Usability : std::uint8_t {
    usable = 0,
    assumed = 1,   // no ring, and none is required
    red = 2,       // its own zone is RED
    blackout = 3,  // nothing answers on it
    silent = 4,    // there is a ring, but no fresh data
    absent = 5,    // no ring, and one is required
    blind = 6,     // no reply, but not yet for long enough to be a blackout
};

enum class CongestedDirection : std::uint8_t { none = 0, download = 1, upload = 2, both = 3 };

// The rule is "enabled" when it steers.
enum class RuleState : std::uint8_t { unknown = 0, disabled = 1, enabled = 2 };

enum class RuleStatus : std::uint8_t {
    unread = 0,     // not asked yet
    ok = 1,         // one rule has the comment
    missing = 2,    // none has
    ambiguous = 3,  // several have
};

// Why steering did what it did, or did nothing.
enum class SteeringReason : std::uint8_t {
    none = 0,
    // Not steering, and going on so.
    quiet = 1,         // below the threshold
    sustaining = 2,    // above it, not for long enough
    alt_red = 3,       // would steer, but the alternate is RED
    alt_blackout = 4,  // or nothing answers on it
    alt_silent = 5,    // or its ring gives no fresh data
    alt_absent = 6,    // or has no ring, and one is required
    no_data = 7,       // the primary's ring gives no fresh data
    unmeasured = 8,    // the primary is blind: no reply, but not yet for long enough
    // Beginning to.
    congested = 9,       // score at or above the threshold for sustain_s
    red_sustained = 10,  // RED for red_s, under the three-state policy
    pri_blackout = 11,   // nothing answers on the primary
    // Steering, and going on so.
    hold_down = 12,  // not for long enough to end
    still_congested = 13,
    recovering = 14,     // well again, not for long enough
    alt_worsening = 15,  // the alternate is worse, not for long enough
    losing_data = 16,    // no fresh data, not for long enough to release
    pri_down = 17,       // no fresh data, and the last of it was a blackout
    // Ending.
    recovered = 18,
    alt_worse = 19,  // the alternate was clearly worse for recovery_sustain_s
    stale = 20,      // no data for stale_release_s
    exit = 21,       // the daemon stops
    // At the router.
    adopted = 22,   // the rule stands as it was found at the start
    restored = 23,  // somebody else changed the rule: put right
    // Not steering, once more.
    alt_slow = 24,  // would steer, but the alternate's delta is clearly worse
};

[[nodiscard]] std::string_view name(SteeringPolicy value);
[[nodiscard]] std::string_view name(SteeringState value);
[[nodiscard]] std::string_view name(SteeringAction value);
[[nodiscard]] std::string_view name(Assessment value);
[[nodiscard]] std::string_view name(Contributor value);
[[nodiscard]] std::string_view name(SteeringTimer value);
[[nodiscard]] std::string_view name(SourceState value);
[[nodiscard]] std::string_view name(Usability value);
[[nodiscard]] std::string_view name(CongestedDirection value);
[[nodiscard]] std::string_view name(RuleState value);
[[nodiscard]] std::string_view name(RuleStatus value);
[[nodiscard]] std::string_view name(SteeringReason value);

}  // namespace wanctl
