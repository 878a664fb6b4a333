// The configuration of wanctl-steering, parsed and checked: plain values, units as types. Defaults
// stand in the table of keys (keys.hpp), not here: a value of these types that did not come from
// the parser is only for tests.
#pragma once

#include <string>

#include "common/config/autorate_config.hpp"
#include "common/record/steering_states.hpp"
#include "common/units.hpp"

namespace wanctl {

// What to do about a rule that somebody else has changed.
enum class Reconcile { restore, report };

// What the rule is left as when the daemon stops.
enum class ReleaseOnExit { release, keep };

struct RuleConfig {
    std::string comment;  // exact
    Reconcile reconcile = Reconcile::restore;
};

struct DecideConfig {
    SteeringPolicy policy = SteeringPolicy::confidence;
    bool dry_run = false;
};

struct ThreeStateConfig {
    Millis green_rtt{5.0};  // kept for the order of the three; nothing depends on it
    Millis yellow_rtt{15.0};
    Millis red_rtt{15.0};
    int min_drops_red = 1;
    int min_queue_yellow = 10;
    int min_queue_red = 50;
    Nanos red{std::chrono::milliseconds(100)};
    Nanos green{std::chrono::milliseconds(750)};
    Ratio rtt_ewma_alpha{0.3};  // per sample at 50 ms
};

struct ConfidenceConfig {
    int steer = 55;
    int recover = 20;
    Nanos sustain{std::chrono::seconds(2)};
    Nanos recovery_sustain{std::chrono::seconds(3)};
    Nanos hold_down{std::chrono::seconds(30)};
};

inline constexpr int kMaxFlapToggles = 64;

struct FlapConfig {
    Nanos window{std::chrono::seconds(300)};
    int max_toggles = 4;  // up to kMaxFlapToggles
    Nanos penalty_time{std::chrono::seconds(60)};
    int penalty = 15;
};

struct FailsafeConfig {
    bool require_alternate = false;
    Nanos stale{std::chrono::seconds(1)};
    Nanos stale_release{std::chrono::seconds(30)};
    ReleaseOnExit on_exit = ReleaseOnExit::release;
};

struct SteeringConfig {
    std::string file;     // where it was read from, for messages
    std::string primary;  // ring names
    std::string alternate;
    RouterConfig router;
    RuleConfig rule;
    DecideConfig decide;
    ThreeStateConfig three_state;
    ConfidenceConfig confidence;
    FlapConfig flap;
    FailsafeConfig failsafe;
    StateConfig state;
    ShmConfig shm;
    HttpConfig http;
    AlertConfig alerts;
    HistoryConfig history;
    LogConfig log;
};

}  // namespace wanctl
