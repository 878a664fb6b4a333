#include "steering/decide/steering_decider.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/steering/decider_drive.hpp"

using namespace wanctl;
using namespace wanctl::steering;
using namespace std::chrono_literals;

namespace {

SteeringConfig three_state() {
    SteeringConfig config;
    config.decide.policy = SteeringPolicy::three_state;
    return config;
}

// Steering since now, congested as ever.
DeciderDrive degraded_drive(const SteeringConfig& config = {}) {
    DeciderDrive drive(config);
    drive.run(1s);
    drive.primary = congested();
    REQUIRE(drive.until_toggle(10s));
    REQUIRE(drive.last.state == SteeringState::degraded);
    return drive;
}

}  // namespace

TEST_CASE("a score that stays high for sustain_s begins, one that breaks off does not") {
    DeciderDrive drive;
    drive.run(1s);
    drive.primary = congested();
    drive.run(1950ms);
    CHECK(drive.last.reason == SteeringReason::sustaining);
    drive.primary = idle();
    drive.run(1s);
    CHECK(drive.last.reason == SteeringReason::quiet);
    drive.primary = congested();
    const auto begun = drive.until_toggle(10s);
    REQUIRE(begun);
    CHECK(begun->action == SteeringAction::enable);
    CHECK(begun->reason == SteeringReason::congested);
    CHECK(begun->held == 2s);
    CHECK(drive.toggles.size() == 1);
}

TEST_CASE("a recovery waits for the hold-down and lasts recovery_sustain_s") {
    DeciderDrive drive = degraded_drive();
    const Nanos began = drive.elapsed();
    drive.primary = idle();
    const auto ended = drive.until_toggle(60s);
    REQUIRE(ended);
    CHECK(ended->action == SteeringAction::disable);
    CHECK(ended->reason == SteeringReason::recovered);
    CHECK(ended->at - began == 33s);
}

TEST_CASE("a break in the recovery begins it anew") {
    DeciderDrive drive = degraded_drive();
    drive.primary = idle();
    drive.run(32s);
    CHECK(drive.last.reason == SteeringReason::recovering);
    drive.primary = congested();
    drive.run(100ms);
    CHECK(drive.last.reason == SteeringReason::still_congested);
    drive.primary = idle();
    const Nanos again = drive.elapsed();
    const auto ended = drive.until_toggle(60s);
    REQUIRE(ended);
    CHECK(ended->at - again > 3s);
}

TEST_CASE("only the chosen policy decides") {
    SECTION("three-state needs RED for red_s and no score") {
        DeciderDrive drive(three_state());
        drive.run(1s);
        drive.primary = congested(40.0);
        const Nanos from = drive.elapsed();
        const auto begun = drive.until_toggle(10s);
        REQUIRE(begun);
        CHECK(begun->reason == SteeringReason::red_sustained);
        CHECK(begun->at - from <= 200ms);
        CHECK_FALSE(drive.last.score);
        drive.primary = idle();
        const auto ended = drive.until_toggle(10s);
        REQUIRE(ended);
        CHECK(ended->reason == SteeringReason::recovered);
        CHECK(ended->held == 750ms);
    }
    SECTION("confidence is not moved by RED alone") {
        DeciderDrive drive;
        drive.primary = congested(40.0);
        drive.primary.zone = Zone::green;
        drive.primary.download = {3, 50};
        drive.run(60s);
        CHECK(drive.last.assessment == Assessment::red);
        CHECK(drive.last.score->value == 50);
        CHECK(drive.toggles.empty());
    }
}

TEST_CASE("steering never starts towards an alternate that is no better") {
    struct Case {
        LineMood alternate;
        SteeringReason reason;
        Usability usable;
    };
    LineMood red = idle();
    red.zone = Zone::red;
    LineMood slow = idle();
    slow.delta_ms = 200.0;
    for (const Case& each : {Case{red, SteeringReason::alt_red, Usability::red},
                             Case{blackout(), SteeringReason::alt_blackout, Usability::blackout},
                             Case{silent(), SteeringReason::alt_silent, Usability::silent},
                             Case{slow, SteeringReason::alt_slow, Usability::usable}}) {
        DeciderDrive drive;
        drive.alternate = each.alternate;
        drive.run(1s);
        drive.primary = congested();
        drive.run(60s);
        CAPTURE(name(each.reason));
        CHECK(drive.toggles.empty());
        CHECK(drive.last.reason == each.reason);
        CHECK(drive.last.usable[1] == each.usable);
        drive.alternate = idle();
        CHECK(drive.until_toggle(200ms));
    }
}

TEST_CASE("an alternate without a ring is assumed usable, unless one is required") {
    DeciderDrive drive;
    drive.alternate = absent();
    drive.primary = congested();
    CHECK(drive.until_toggle(10s));
    CHECK(drive.last.usable[1] == Usability::assumed);

    SteeringConfig config;
    config.failsafe.require_alternate = true;
    DeciderDrive strict(config);
    strict.alternate = absent();
    strict.primary = congested();
    strict.run(60s);
    CHECK(strict.toggles.empty());
    CHECK(strict.last.reason == SteeringReason::alt_absent);
}

TEST_CASE("a blackout of the primary begins at once, whatever the alternate is") {
    for (const LineMood& alternate : {idle(), silent()}) {
        DeciderDrive drive;
        drive.alternate = alternate;
        drive.run(1s);
        drive.primary = blackout();
        const auto begun = drive.until_toggle(50ms);
        REQUIRE(begun);
        CHECK(begun->reason == SteeringReason::pri_blackout);
        drive.run(100s);
        CHECK(drive.toggles.size() == 1);
        drive.primary = idle();
        const auto ended = drive.until_toggle(4s);
        REQUIRE(ended);
        CHECK(ended->reason == SteeringReason::recovered);
    }
}

TEST_CASE("a line that is merely unmeasured is no blackout and not well either") {
    DeciderDrive drive;
    drive.run(1s);
    drive.primary.measurement = MeasurementState::blind;
    drive.run(5s);
    CHECK(drive.toggles.empty());
    CHECK(drive.last.reason == SteeringReason::unmeasured);
    drive.primary = congested();
    REQUIRE(drive.until_toggle(10s));
    drive.primary = idle();
    drive.run(31s);
    drive.primary.measurement = MeasurementState::blind;
    drive.run(5s);
    CHECK(drive.toggles.size() == 1);
}

TEST_CASE("steering ends early when the alternate is clearly worse, and only then") {
    struct Case {
        double primary_ms;
        double alternate_ms;
        Zone alternate_zone;
        bool ends;
    };
    for (const Case& each :
         {Case{100, 10, Zone::red, true}, Case{100, 200, Zone::green, true},
          Case{100, 199, Zone::green, false}, Case{90, 179, Zone::soft_red, false}}) {
        DeciderDrive drive = degraded_drive();
        drive.run(1s);
        drive.primary = congested(each.primary_ms);
        drive.alternate.delta_ms = each.alternate_ms;
        drive.alternate.zone = each.alternate_zone;
        const Nanos from = drive.elapsed();
        const auto ended = drive.until_toggle(20s);
        CAPTURE(each.primary_ms, each.alternate_ms);
        REQUIRE(ended.has_value() == each.ends);
        if (!ended) continue;
        CHECK(ended->reason == SteeringReason::alt_worse);
        // Well within the hold-down of 30 s.
        CHECK(ended->at - from == 3050ms);
    }
}

TEST_CASE("an alternate that was worse only for a moment changes nothing") {
    DeciderDrive drive = degraded_drive();
    for (int i = 0; i < 5; ++i) {
        drive.alternate.zone = Zone::red;
        drive.run(2900ms);
        CHECK(drive.last.reason == SteeringReason::alt_worsening);
        drive.alternate.zone = Zone::green;
        drive.run(100ms);
    }
    CHECK(drive.toggles.size() == 1);
}

TEST_CASE("nothing is worse than a primary on which nothing answers") {
    DeciderDrive drive;
    drive.run(1s);
    drive.primary = blackout();
    REQUIRE(drive.until_toggle(1s));
    drive.alternate.zone = Zone::red;
    drive.run(60s);
    CHECK(drive.toggles.size() == 1);
}

TEST_CASE("missing data releases after stale_release_s, hold-down or not") {
    DeciderDrive drive = degraded_drive();
    drive.primary = silent();
    const Nanos from = drive.elapsed();
    const auto ended = drive.until_toggle(60s);
    REQUIRE(ended);
    CHECK(ended->reason == SteeringReason::stale);
    CHECK(ended->at - from == 30s);
    drive.run(60s);
    CHECK(drive.last.reason == SteeringReason::no_data);
    CHECK(drive.toggles.size() == 2);
}

TEST_CASE("a primary that stops to write without a word is silent after stale_s") {
    DeciderDrive drive = degraded_drive();
    drive.primary.speaks = false;
    drive.run(1s);
    CHECK_FALSE(drive.last.line[0].silent);
    drive.run(50ms);
    CHECK(drive.last.line[0].silent);
    CHECK(drive.last.reason == SteeringReason::losing_data);
}

TEST_CASE("a primary known to be down keeps the rule for ten minutes without data") {
    DeciderDrive drive;
    drive.run(1s);
    drive.primary = blackout();
    REQUIRE(drive.until_toggle(1s));
    drive.primary = silent();
    const Nanos from = drive.elapsed();
    drive.run(599s);
    CHECK(drive.toggles.size() == 1);
    CHECK(drive.last.reason == SteeringReason::pri_down);
    const auto ended = drive.until_toggle(10s);
    REQUIRE(ended);
    CHECK(ended->at - from == 600s + 50ms);
}

TEST_CASE("a rule found on at the start is adopted with what is left of its hold-down") {
    DeciderDrive drive;
    drive.decider().adopt(SteeringState::degraded, drive.now() - 20s);
    const auto ended = drive.until_toggle(60s);
    REQUIRE(ended);
    CHECK(ended->reason == SteeringReason::recovered);
    CHECK(ended->at == 13s);
}

TEST_CASE("a rule found on is released when no data ever comes") {
    DeciderDrive drive;
    drive.decider().adopt(SteeringState::degraded, drive.now());
    drive.primary = absent();
    const auto ended = drive.until_toggle(60s);
    REQUIRE(ended);
    CHECK(ended->reason == SteeringReason::stale);
    CHECK(ended->at == 30s);
}

TEST_CASE("more toggles than allowed raise the threshold for a while") {
    SteeringConfig config = three_state();
    // Three-state toggles fast; the guard counts them all the same.
    DeciderDrive drive(config);
    for (int i = 0; i < 2; ++i) {
        drive.primary = congested();
        REQUIRE(drive.until_toggle(1s));
        drive.primary = idle();
        REQUIRE(drive.until_toggle(10s));
    }
    CHECK(drive.last.steer_threshold == 55);
    drive.primary = congested();
    REQUIRE(drive.until_toggle(1s));
    CHECK(drive.last.penalty_began);
    CHECK(drive.slot().steer_threshold == 70);
    drive.run(59s);
    CHECK(drive.last.steer_threshold == 70);
    drive.run(1s);
    CHECK(drive.last.steer_threshold == 55);
}

TEST_CASE("the raised threshold keeps a score in between from beginning") {
    SteeringConfig config;
    config.confidence.hold_down = 1s;
    config.flap.penalty_time = 20s;
    // RED, queue high: 60 points, between 55 and 70.
    LineMood mild = congested(40.0);
    mild.zone = Zone::green;
    DeciderDrive drive(config);
    const auto episode = [&] {
        drive.primary = mild;
        const bool began = drive.until_toggle(10s).has_value();
        drive.primary = idle();
        drive.run(6s);
        return began;
    };
    CHECK(episode());
    CHECK(episode());
    CHECK(episode());
    CHECK_FALSE(episode());
    drive.run(20s);
    CHECK(episode());
    config.flap.penalty = 0;
    DeciderDrive without(config);
    for (int i = 0; i < 4; ++i) {
        without.primary = mild;
        CHECK(without.until_toggle(10s));
        without.primary = idle();
        without.run(6s);
    }
}

TEST_CASE("the direction that is congested is told") {
    DeciderDrive drive;
    drive.primary = congested();
    drive.run(1s);
    CHECK(drive.last.line[0].congestion == CongestedDirection::download);
    std::swap(drive.primary.download, drive.primary.upload);
    drive.run(1s);
    CHECK(drive.last.line[0].congestion == CongestedDirection::upload);
    drive.primary.download = drive.primary.upload;
    drive.run(1s);
    CHECK(drive.last.line[0].congestion == CongestedDirection::both);
}

TEST_CASE("a streak does not go on over missing data") {
    DeciderDrive drive;
    drive.run(1s);
    drive.primary = congested();
    drive.run(1500ms);
    drive.primary.speaks = false;
    drive.run(5s);
    drive.primary.speaks = true;
    const Nanos from = drive.elapsed();
    const auto begun = drive.until_toggle(10s);
    REQUIRE(begun);
    CHECK(begun->at - from == 2050ms);
}

TEST_CASE("the same durations hold at any length of a slot") {
    for (const Nanos interval : {5ms, 20ms, 50ms, 100ms, 250ms}) {
        DeciderDrive drive(SteeringConfig{}, interval);
        drive.run(1s);
        drive.primary = congested();
        const Nanos from = drive.elapsed();
        const auto begun = drive.until_toggle(10s);
        REQUIRE(begun);
        CAPTURE(interval.count());
        CHECK(begun->at - from >= 2s);
        CHECK(begun->at - from <= 2s + 5 * interval);
    }
}

TEST_CASE("toggles and a penalty of an earlier life count on") {
    SteeringConfig config;
    config.confidence.hold_down = 1s;
    DeciderDrive before(config);
    for (int i = 0; i < 4; ++i) {
        before.primary = i % 2 == 0 ? congested() : idle();
        REQUIRE(before.until_toggle(10s));
    }
    const SteeringMemory memory = before.decider().memory();
    CHECK(memory.flaps.count == 4);
    CHECK(memory.state == SteeringState::good);
    CHECK(memory.since == before.now());
    DeciderDrive after(config);
    after.decider().restore(memory.flaps);
    after.run(before.elapsed());
    after.primary = congested();
    REQUIRE(after.until_toggle(10s));
    CHECK(after.last.penalty_began);
    DeciderDrive third(config);
    third.run(after.elapsed());
    third.decider().restore(after.decider().memory().flaps);
    CHECK(third.slot().steer_threshold == 70);
    CHECK(third.last.toggles == 5);
}

TEST_CASE("other settings leave averages, state and running timers as they are") {
    SteeringConfig config;
    DeciderDrive drive(config);
    drive.run(1s);
    drive.primary = congested();
    drive.run(1500ms);
    config.confidence.sustain = 1800ms;
    config.confidence.steer = 50;
    const auto delta = drive.last.line[0].delta_ewma;
    drive.decider().reconfigure(config);
    CHECK(drive.slot().line[0].delta_ewma.value() >= delta.value());
    CHECK(drive.last.steer_threshold == 50);
    const auto begun = drive.until_toggle(1s);
    REQUIRE(begun);
    CHECK(begun->at == 1s + 50ms + 1800ms);
    // The hold-down that runs is of the new length, from where it began.
    config.confidence.hold_down = 5s;
    drive.decider().reconfigure(config);
    drive.primary = idle();
    const auto ended = drive.until_toggle(20s);
    REQUIRE(ended);
    CHECK(ended->at - begun->at >= 8s);
    CHECK(ended->at - begun->at <= 8s + 100ms);
}

TEST_CASE("another policy looks for itself, and what the one before waited for is forgotten") {
    SteeringConfig config = three_state();
    config.three_state.red = 2s;
    DeciderDrive drive(config);
    drive.run(1s);
    drive.primary = congested();
    drive.run(1900ms);
    config.decide.policy = SteeringPolicy::confidence;
    drive.decider().reconfigure(config);
    const Nanos from = drive.elapsed();
    const auto begun = drive.until_toggle(10s);
    REQUIRE(begun);
    CHECK(begun->reason == SteeringReason::congested);
    CHECK(begun->at - from >= 2s);
}
