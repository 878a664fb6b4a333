#include "autorate/control/zone_machine.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/control/control_fixture.hpp"

using namespace wanctl;
using namespace wanctl::autorate;

namespace {

ZoneParams params(Direction direction, int soft_red_required = 1) {
    return {direction,
            cable_config().thresholds,
            kReferenceCycle,
            5 * kReferenceCycle,
            soft_red_required * kReferenceCycle,
            {},
            {},
            {}};
}

ZoneParams dwelling(Direction direction) {
    ZoneParams p = params(direction);
    p.dwell = 3 * kReferenceCycle;
    return p;
}

ZoneParams with_deadband(double ms) {
    ZoneParams p = params(Direction::download);
    p.deadband = Millis(ms);
    return p;
}

Zone zone_at(Direction direction, double delta_ms) {
    return ZoneMachine(params(direction)).update(Millis(delta_ms), 0).zone;
}

}  // namespace

TEST_CASE("an edge belongs to the calmer zone") {
    struct {
        double delta_ms;
        Zone download;
        Zone upload;
    } const rows[] = {
        {-40.0, Zone::green, Zone::green},     {15.0, Zone::green, Zone::green},
        {15.0001, Zone::yellow, Zone::yellow}, {45.0, Zone::yellow, Zone::yellow},
        {45.0001, Zone::soft_red, Zone::red},  {80.0, Zone::soft_red, Zone::red},
        {80.0001, Zone::red, Zone::red},
    };
    for (const auto& row : rows) {
        CAPTURE(row.delta_ms);
        CHECK(zone_at(Direction::download, row.delta_ms) == row.download);
        CHECK(zone_at(Direction::upload, row.delta_ms) == row.upload);
    }
}

TEST_CASE("a SOFT_RED shorter than asked for is reported as YELLOW") {
    ZoneMachine machine(params(Direction::download, 3));
    CHECK(machine.update(Millis(50), 0).zone == Zone::yellow);
    CHECK(machine.update(Millis(50), 1).zone == Zone::yellow);
    CHECK(machine.update(Millis(50), 2).zone == Zone::soft_red);
    CHECK(machine.update(Millis(20), 3).zone == Zone::yellow);
    CHECK(machine.update(Millis(50), 4).zone == Zone::yellow);
}

TEST_CASE("GREEN is sustained once it lasted, the first sample counted as one interval") {
    ZoneMachine machine(params(Direction::download));
    for (int slot = 0; slot < 4; ++slot) {
        CHECK_FALSE(machine.update(Millis(0), slot).green_sustained);
    }
    CHECK(machine.update(Millis(0), 4).green_sustained);
    CHECK_FALSE(machine.update(Millis(20), 5).green_sustained);
    CHECK_FALSE(machine.update(Millis(0), 6).green_sustained);
}

TEST_CASE("a transition names both zones, the crossed threshold and a delta on its right side") {
    struct {
        Direction direction;
        double first_ms;
        double second_ms;
        Zone to;
        TransitionReason reason;
        double threshold_ms;
    } const rows[] = {
        {Direction::download, 0, 20, Zone::yellow, TransitionReason::exceeded_green, 15},
        {Direction::download, 0, 50, Zone::soft_red, TransitionReason::exceeded_soft_red, 45},
        {Direction::download, 0, 90, Zone::red, TransitionReason::exceeded_hard_red, 80},
        {Direction::download, 90, 20, Zone::yellow, TransitionReason::exceeded_green, 15},
        {Direction::download, 90, 3, Zone::green, TransitionReason::below_green, 15},
        {Direction::download, 90, 15, Zone::green, TransitionReason::at_green, 15},
        {Direction::upload, 0, 50, Zone::red, TransitionReason::exceeded_warn, 45},
        {Direction::upload, 0, 20, Zone::yellow, TransitionReason::exceeded_target, 15},
        {Direction::upload, 20, 3, Zone::green, TransitionReason::below_target, 15},
        {Direction::upload, 20, 15, Zone::green, TransitionReason::at_target, 15},
    };
    for (const auto& row : rows) {
        CAPTURE(row.first_ms, row.second_ms);
        ZoneMachine machine(params(row.direction));
        const Zone before = machine.update(Millis(row.first_ms), 0).zone;
        const auto transition = machine.update(Millis(row.second_ms), 1).transition;
        REQUIRE(transition);
        CHECK(transition->from == before);
        CHECK(transition->to == row.to);
        CHECK(transition->reason == row.reason);
        CHECK(transition->threshold == from_ms(row.threshold_ms));
        CHECK(transition->delta == from_ms(row.second_ms));
    }
}

TEST_CASE("a delta within a nanosecond of the threshold keeps its side of it") {
    ZoneMachine machine(params(Direction::download));
    const auto up = machine.update(Millis(15.0000000001), 0).transition;
    REQUIRE(up);
    CHECK(up->delta == up->threshold + Nanos(1));
    const auto down = machine.update(Millis(14.9999999999), 1).transition;
    REQUIRE(down);
    CHECK(down->reason == TransitionReason::below_green);
    CHECK(down->delta == down->threshold - Nanos(1));
}

TEST_CASE("staying in a zone is no transition") {
    ZoneMachine machine(params(Direction::download));
    CHECK_FALSE(machine.update(Millis(1), 0).transition);
    CHECK(machine.update(Millis(20), 1).transition);
    CHECK_FALSE(machine.update(Millis(30), 2).transition);
}

TEST_CASE("a YELLOW shorter than the dwell stays GREEN, one that lasts does not") {
    for (const Direction direction : {Direction::download, Direction::upload}) {
        ZoneMachine machine(dwelling(direction));
        std::int64_t slot = 0;
        for (int i = 0; i < 10; ++i) {
            CHECK(machine.update(Millis(20), slot++).zone == Zone::green);
            CHECK(machine.update(Millis(20), slot++).zone == Zone::green);
            CHECK(machine.update(Millis(2), slot++).zone == Zone::green);
        }
        CHECK(machine.update(Millis(20), slot++).dwelling);
        CHECK(machine.update(Millis(20), slot++).dwelling);
        const ZoneVerdict verdict = machine.update(Millis(20), slot++);
        CHECK(verdict.zone == Zone::yellow);
        CHECK_FALSE(verdict.dwelling);
        REQUIRE(verdict.transition);
        CHECK(verdict.transition->delta == from_ms(20));
    }
}

TEST_CASE("a dwell is over after its time, whatever the interval") {
    for (const int ms : {5, 20, 50, 100}) {
        ZoneParams p = dwelling(Direction::download);
        p.interval = std::chrono::milliseconds(ms);
        ZoneMachine machine(p);
        std::int64_t slots = 1;
        while (machine.update(Millis(20), slots).zone == Zone::green) {
            ++slots;
        }
        CAPTURE(ms);
        CHECK(slots * p.interval >= p.dwell);
        CHECK((slots - 1) * p.interval < p.dwell);
    }
}

TEST_CASE("the dwell delays neither what is worse than YELLOW nor the way down from it") {
    ZoneMachine machine(dwelling(Direction::download));
    CHECK(machine.update(Millis(20), 0).zone == Zone::green);
    CHECK(machine.update(Millis(50), 1).zone == Zone::soft_red);
    CHECK(machine.update(Millis(20), 2).zone == Zone::yellow);
    CHECK(machine.update(Millis(2), 3).zone == Zone::green);
    CHECK(machine.update(Millis(100), 4).zone == Zone::red);
    CHECK(machine.update(Millis(20), 5).zone == Zone::yellow);
}

TEST_CASE("a dwelling GREEN is not a sustained one") {
    ZoneMachine machine(dwelling(Direction::download));
    for (int slot = 0; slot < 10; ++slot) {
        machine.update(Millis(0), slot);
    }
    CHECK_FALSE(machine.update(Millis(20), 10).green_sustained);
    CHECK_FALSE(machine.update(Millis(0), 11).green_sustained);
}

TEST_CASE("YELLOW ends below the deadband only, and GREEN does not begin with it") {
    ZoneMachine machine(with_deadband(3));
    CHECK(machine.update(Millis(14), 0).zone == Zone::green);
    CHECK(machine.update(Millis(16), 1).zone == Zone::yellow);
    const ZoneVerdict kept = machine.update(Millis(12), 2);
    CHECK(kept.zone == Zone::yellow);
    CHECK(kept.in_deadband);
    const ZoneVerdict left = machine.update(Millis(11.99), 3);
    CHECK(left.zone == Zone::green);
    REQUIRE(left.transition);
    CHECK(left.transition->reason == TransitionReason::below_green);
    CHECK(machine.update(Millis(14), 4).zone == Zone::green);
    // From SOFT_RED the edge is the plain one.
    CHECK(machine.update(Millis(50), 5).zone == Zone::soft_red);
    CHECK(machine.update(Millis(14), 6).zone == Zone::green);
}

TEST_CASE("a deadband as wide as the target does not keep YELLOW for ever") {
    ZoneMachine machine(with_deadband(15));
    machine.update(Millis(16), 0);
    CHECK(machine.update(Millis(7.5), 1).zone == Zone::yellow);
    CHECK(machine.update(Millis(7.4), 2).zone == Zone::green);
}

TEST_CASE("a SOFT_RED lasts from its first sample, and begins anew after anything else") {
    ZoneParams p = params(Direction::download);
    p.soft_red_decay = 4 * kReferenceCycle;
    ZoneMachine machine(p);
    for (int slot = 0; slot < 3; ++slot) {
        CHECK_FALSE(machine.update(Millis(50), slot).soft_red_lasting);
    }
    CHECK(machine.update(Millis(50), 3).soft_red_lasting);
    CHECK_FALSE(machine.update(Millis(20), 4).soft_red_lasting);
    CHECK_FALSE(machine.update(Millis(50), 5).soft_red_lasting);
    ZoneMachine reference(params(Direction::download));
    for (int slot = 0; slot < 1000; ++slot) {
        REQUIRE_FALSE(reference.update(Millis(50), slot).soft_red_lasting);
    }
}

TEST_CASE("a YELLOW that outlasts its dwell says how long it was held back") {
    ZoneMachine machine(dwelling(Direction::download));
    CHECK(machine.update(Millis(20), 0).held_back == Nanos(0));
    CHECK(machine.update(Millis(20), 1).held_back == Nanos(0));
    CHECK(machine.update(Millis(20), 2).held_back == 2 * kReferenceCycle);
    CHECK(machine.update(Millis(20), 3).held_back == Nanos(0));
}

TEST_CASE("a rise that has lasted as long as the dwell when it crosses target does not dwell") {
    ZoneMachine machine(dwelling(Direction::download));
    for (int slot = 0; slot < 3; ++slot) {
        machine.update(Millis(2.0 + 4 * slot), slot);
    }
    const ZoneVerdict verdict = machine.update(Millis(16), 3);
    CHECK(verdict.zone == Zone::yellow);
    CHECK(verdict.held_back == Nanos(0));
    // Jitter around the edge is no such rise.
    ZoneMachine jittery(dwelling(Direction::download));
    for (int slot = 0; slot < 100; ++slot) {
        CHECK(jittery.update(Millis(slot % 2 == 0 ? 14 : 16), slot).zone == Zone::green);
    }
}
