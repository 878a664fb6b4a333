// The one decision path of steering: (state, readings, time) to a decision. Pure: no I/O, no clock,
// no log, no allocation.
//
// The policy looks at each reading of the primary once: it says "congested", "well" or neither, and
// how long either lasts decides. Under "confidence" a streak lasts from its first reading on, as
// the reference's timers do; under "three-state" the first reading counts as one interval, as its
// counts of samples do. Around the policy, for both: nothing begins towards an alternate that is no
// better, a blackout of the primary begins at once, an alternate that is clearly worse ends early,
// and missing data ends after stale_release_s. The last two do not wait for the hold-down.
#pragma once

#include <array>
#include <optional>

#include "common/config/steering_config.hpp"
#include "steering/decide/decision.hpp"
#include "steering/decide/flap_guard.hpp"
#include "steering/decide/line_signals.hpp"
#include "steering/decide/steering_memory.hpp"
#include "steering/decide/streak.hpp"

namespace wanctl::steering {

struct DecideInput {
    SteadyTime now{};
    std::array<SourceState, 2> source{};                // [SteeredWan]
    std::array<std::optional<LineReading>, 2> reading;  // [SteeredWan] one not told before
};

class SteeringDecider {
  public:
    // `start`: from when on missing data counts.
    SteeringDecider(const SteeringConfig& config, SteadyTime start);

    // Takes the rule as it was found: steering since `since`, or not.
    void adopt(SteeringState state, SteadyTime since);
    // Toggles that an earlier life of the daemon made.
    void restore(const FlapMemory& flaps) { flaps_.restore(flaps); }

    // Other settings from the next decision on: averages, state and its timers go on. Under another
    // policy what it looked for begins anew.
    void reconfigure(const SteeringConfig& config);

    // What is worth keeping beyond the process.
    [[nodiscard]] SteeringMemory memory() const { return {state_, state_since_, flaps_.memory()}; }

    // Time never goes back. The decision is good until the next call.
    [[nodiscard]] const SteeringDecision& decide(const DecideInput& input);

  private:
    void look(const DecideInput& input);
    void evaluate(const LineReading& reading);
    void weigh_alternate();
    void good();
    void degraded();
    void without_data();
    void toggle(SteeringState state, SteeringReason reason, Nanos held);
    void because(SteeringReason reason, Nanos held = {}, Nanos limit = {});
    void tell_timers();

    [[nodiscard]] Usability usability(SteeredWan wan) const;
    [[nodiscard]] std::optional<SteeringReason> held_back() const;
    [[nodiscard]] bool alternate_slow() const;
    [[nodiscard]] bool alternate_worse() const;
    [[nodiscard]] Nanos since_data() const;
    [[nodiscard]] bool known_down() const;
    // How long a streak of the policy has lasted at its last reading.
    [[nodiscard]] Nanos lasted(const Streak& streak) const;
    [[nodiscard]] bool three_state() const {
        return config_.decide.policy == SteeringPolicy::three_state;
    }
    [[nodiscard]] Nanos steer_after() const;
    [[nodiscard]] Nanos recover_after() const;
    [[nodiscard]] Nanos hold_down_left() const;

    SteeringConfig config_;
    SteadyTime start_;
    SteadyTime now_{};
    std::array<LineSignals, 2> signals_;  // [SteeredWan]
    FlapGuard flaps_;
    SteeringState state_ = SteeringState::good;
    SteadyTime state_since_{};
    int soft_reds_ = 0;  // assessments in a row
    Streak congested_;
    Streak well_;
    Streak alternate_worse_;
    SteadyTime evaluated_at_{};
    Nanos evaluated_interval_{};
    SteeringDecision decision_;
};

}  // namespace wanctl::steering
