#include "autorate/control/rate_controller.hpp"

#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::autorate;

namespace {

RateParams params() {
    return {940_mbit,    {550_mbit, 350_mbit, 275_mbit, 200_mbit},
            10_mbit,     Ratio{0.85},
            Ratio{0.96}, false,
            false};
}

RateParams mended() {
    RateParams p = params();
    p.no_rise_while_congested = true;
    p.first_green_by_step = true;
    return p;
}

constexpr Cycles kOne{1.0};

Rate after(RateController& controller, Zone zone, int times, Cycles elapsed = kOne) {
    Rate rate = controller.rate();
    for (int i = 0; i < times; ++i) {
        rate = controller.update({.zone = zone}, elapsed, std::nullopt);
    }
    return rate;
}

}  // namespace

TEST_CASE("RED decays to its floor and no further") {
    RateController controller(params());
    CHECK(after(controller, Zone::red, 1) == 799_mbit);
    CHECK(after(controller, Zone::red, 50) == 200_mbit);
}

TEST_CASE("SOFT_RED holds what is above its floor") {
    RateController controller(params());
    after(controller, Zone::yellow, 5);
    const Rate before = controller.rate();
    CHECK(after(controller, Zone::soft_red, 100) == before);
}

TEST_CASE("a SOFT_RED that lasts decays like YELLOW, to its own floor") {
    RateController controller(params());
    ZoneVerdict lasting{.zone = Zone::soft_red, .soft_red_lasting = true};
    CHECK(controller.update(lasting, kOne, std::nullopt) == scaled(940_mbit, 0.96));
    CHECK(controller.update(lasting, Cycles(20.0), std::nullopt) < 500_mbit);
    for (int i = 0; i < 100; ++i) {
        controller.update(lasting, kOne, std::nullopt);
    }
    CHECK(controller.rate() == 275_mbit);
}

TEST_CASE("a GREEN that dwells holds the rate, under its floor too") {
    for (const RateParams& p : {params(), mended()}) {
        RateController controller(p);
        after(controller, Zone::red, 50);
        const ZoneVerdict dwelling{.zone = Zone::green, .dwelling = true};
        for (int i = 0; i < 5; ++i) {
            CHECK(controller.update(dwelling, kOne, std::nullopt) == 200_mbit);
        }
    }
}

TEST_CASE("a YELLOW that a dwell held back makes up for it at once") {
    RateController controller(params());
    RateController undelayed(params());
    const ZoneVerdict late{.zone = Zone::yellow, .held_back = 2 * kReferenceCycle};
    const double made_up = static_cast<double>(controller.update(late, kOne, std::nullopt).bps);
    CHECK(made_up == Approx(static_cast<double>(after(undelayed, Zone::yellow, 3).bps)));
}

TEST_CASE("a YELLOW that is below target again waits for GREEN without a cut") {
    RateController controller(params());
    const Rate before = after(controller, Zone::yellow, 3);
    const ZoneVerdict waiting{.zone = Zone::yellow, .in_deadband = true};
    CHECK(controller.update(waiting, kOne, std::nullopt) == before);
}

TEST_CASE("the reference lifts to the floors, the mended law does not while congested") {
    RateController reference(params());
    after(reference, Zone::red, 50);
    CHECK(after(reference, Zone::yellow, 1) == 350_mbit);

    RateController controller(mended());
    after(controller, Zone::red, 50);
    CHECK(after(controller, Zone::soft_red, 1) == 200_mbit);
    // Below its own floor YELLOW holds: neither lifted nor cut.
    CHECK(after(controller, Zone::yellow, 1) == 200_mbit);
}

TEST_CASE("the first GREEN jumps to its floor in the reference and goes by steps when mended") {
    RateController reference(params());
    after(reference, Zone::red, 50);
    CHECK(after(reference, Zone::green, 1) == 550_mbit);

    RateController controller(mended());
    after(controller, Zone::red, 50);
    CHECK(after(controller, Zone::green, 1) == 210_mbit);
    CHECK(after(controller, Zone::green, 100) == 550_mbit);
}

TEST_CASE("sustained GREEN raises by a step up to the ceiling") {
    RateController controller(params());
    after(controller, Zone::red, 1);
    CHECK(controller.update({.zone = Zone::green, .green_sustained = true}, kOne, std::nullopt) ==
          809_mbit);
    for (int i = 0; i < 20; ++i) {
        controller.update({.zone = Zone::green, .green_sustained = true}, kOne, std::nullopt);
    }
    CHECK(controller.rate() == 940_mbit);
}

TEST_CASE("while congested the law goes on from what the router holds, if that is lower") {
    RateController controller(mended());
    CHECK(controller.update({.zone = Zone::red}, kOne, 400_mbit) == 340_mbit);
    CHECK(controller.update({.zone = Zone::red}, kOne, 900_mbit) == 289_mbit);
    // Below every floor the router's own value stands: nothing raises it before GREEN.
    CHECK(controller.update({.zone = Zone::soft_red}, kOne, 5_mbit) == 5_mbit);
    CHECK(controller.update({.zone = Zone::green}, kOne, 5_mbit) == 200_mbit);
}

TEST_CASE("a sample after a long silence moves the rate by a second's worth at most") {
    RateController controller(mended());
    after(controller, Zone::red, 50);
    const Rate rate = controller.update({.zone = Zone::green, .green_sustained = true},
                                        Cycles(10'000.0), std::nullopt);
    CHECK(rate == 400_mbit);
}
