// Properties of the decider under random lines.
#include <rapidcheck.h>

#include "steering/decide/steering_decider.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/steering/decider_drive.hpp"

using namespace wanctl;
using namespace wanctl::steering;
using namespace std::chrono_literals;

namespace {

// Both lines do the same for some slots.
struct Stretch {
    int slots;
    LineMood primary;
    LineMood alternate;
};

std::ostream& operator<<(std::ostream& out, const LineMood& mood) {
    return out << name(mood.source) << (mood.speaks ? "" : " mute") << " " << name(mood.measurement)
               << " " << mood.delta_ms << " ms " << name(mood.zone) << " " << mood.download.drops
               << "/" << mood.download.packets;
}

std::ostream& operator<<(std::ostream& out, const Stretch& stretch) {
    return out << stretch.slots << " x {" << stretch.primary << " | " << stretch.alternate << "}\n";
}

rc::Gen<LineMood> any_mood() {
    return rc::gen::build<LineMood>(
        rc::gen::set(&LineMood::source,
                     rc::gen::weightedElement<SourceState>({{12, SourceState::live},
                                                            {1, SourceState::stale},
                                                            {1, SourceState::dead},
                                                            {1, SourceState::absent}})),
        rc::gen::set(&LineMood::speaks, rc::gen::weightedElement<bool>({{12, true}, {1, false}})),
        rc::gen::set(&LineMood::measurement,
                     rc::gen::weightedElement<MeasurementState>({{12, MeasurementState::fresh},
                                                                 {2, MeasurementState::none},
                                                                 {1, MeasurementState::blind},
                                                                 {1, MeasurementState::blackout}})),
        rc::gen::set(&LineMood::delta_ms, rc::gen::element(0.0, 5.0, 30.0, 90.0, 130.0, 400.0)),
        rc::gen::set(&LineMood::zone, rc::gen::element(Zone::green, Zone::green, Zone::yellow,
                                                       Zone::soft_red, Zone::red)),
        rc::gen::set(&LineMood::download, rc::gen::element(QueueState{0, 0}, QueueState{0, 20},
                                                           QueueState{2, 60}, QueueState{5, 200})));
}

rc::Gen<std::vector<Stretch>> any_history() {
    return rc::gen::container<std::vector<Stretch>>(rc::gen::build<Stretch>(
        rc::gen::set(&Stretch::slots, rc::gen::element(1, 3, 20, 45, 80, 700)),
        rc::gen::set(&Stretch::primary, any_mood()),
        rc::gen::set(&Stretch::alternate, any_mood())));
}

bool is_override(SteeringReason reason) {
    return reason == SteeringReason::alt_worse || reason == SteeringReason::stale;
}

bool belongs(SteeringReason reason, SteeringPolicy policy) {
    if (reason == SteeringReason::congested) return policy == SteeringPolicy::confidence;
    if (reason == SteeringReason::red_sustained) return policy == SteeringPolicy::three_state;
    return true;
}

// Runs the history, checking what must hold in every slot.
std::vector<Toggle> played(const std::vector<Stretch>& history, const SteeringConfig& config) {
    DeciderDrive drive(config);
    SteeringState before = SteeringState::good;
    for (const Stretch& stretch : history) {
        drive.primary = stretch.primary;
        drive.alternate = stretch.alternate;
        for (int i = 0; i < stretch.slots; ++i) {
            const SteeringDecision& now = drive.slot();
            RC_ASSERT(now.reason != SteeringReason::none);
            RC_ASSERT(belongs(now.reason, config.decide.policy));
            RC_ASSERT(!now.score || config.decide.policy == SteeringPolicy::confidence);
            // The state moves by an action, and an action moves the state.
            RC_ASSERT((now.state != before) == (now.action != SteeringAction::none));
            RC_ASSERT(now.action != SteeringAction::enable || now.state == SteeringState::degraded);
            const bool down = now.line[0].measurement == MeasurementState::blackout;
            if (now.action == SteeringAction::enable && !down) {
                RC_ASSERT(now.usable[1] == Usability::usable ||
                          now.usable[1] == Usability::assumed);
            }
            if (now.action == SteeringAction::enable) RC_ASSERT(!now.line[0].silent);
            if (now.score) RC_ASSERT(now.score->value >= 0 && now.score->value <= 100);
            before = now.state;
        }
    }
    return drive.toggles;
}

}  // namespace

TEST_CASE("whatever the lines do, toggles alternate and the hold-down has only two overrides") {
    REQUIRE(rc::check([] {
        const auto history = *any_history();
        SteeringConfig config;
        const auto toggles = played(history, config);
        for (std::size_t i = 0; i < toggles.size(); ++i) {
            RC_ASSERT((toggles[i].action == SteeringAction::enable) == (i % 2 == 0));
            if (toggles[i].action != SteeringAction::disable) continue;
            if (is_override(toggles[i].reason)) continue;
            RC_ASSERT(toggles[i].at - toggles[i - 1].at >= config.confidence.hold_down);
        }
    }));
}

TEST_CASE("within a flap window there are no more toggles than its shortest cycle allows") {
    REQUIRE(rc::check([] {
        const auto history = *any_history();
        const SteeringConfig config;
        const auto toggles = played(history, config);
        // On and off again takes at least the early end's three seconds, and off and on the
        // sustained two; a blackout of the primary alone begins sooner.
        const Nanos shortest = config.confidence.recovery_sustain;
        for (std::size_t i = 2; i < toggles.size(); ++i) {
            RC_ASSERT(toggles[i].at - toggles[i - 2].at >= shortest);
        }
    }));
}

TEST_CASE("under the three-state policy too, one path decides") {
    REQUIRE(rc::check([] {
        const auto history = *any_history();
        SteeringConfig config;
        config.decide.policy = SteeringPolicy::three_state;
        for (const Toggle& toggle : played(history, config)) {
            if (toggle.reason == SteeringReason::red_sustained) {
                RC_ASSERT(toggle.held >= config.three_state.red);
            }
            if (toggle.reason == SteeringReason::recovered) {
                RC_ASSERT(toggle.held >= config.three_state.green);
            }
        }
    }));
}

TEST_CASE("the same history gives the same decisions") {
    REQUIRE(rc::check([] {
        const auto history = *any_history();
        const auto once = played(history, SteeringConfig{});
        const auto twice = played(history, SteeringConfig{});
        RC_ASSERT(once.size() == twice.size());
        for (std::size_t i = 0; i < once.size(); ++i) {
            RC_ASSERT(once[i].at == twice[i].at);
            RC_ASSERT(once[i].reason == twice[i].reason);
        }
    }));
}
