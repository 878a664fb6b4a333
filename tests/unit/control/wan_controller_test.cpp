#include "autorate/control/wan_controller.hpp"

#include <cmath>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/counting_new.hpp"
#include "tests/unit/control/control_fixture.hpp"

using namespace wanctl;
using namespace wanctl::autorate;

namespace {

// The rate of a direction over time after RTT stepped from 25 ms, one value an interval.
struct Response {
    Nanos interval;
    std::vector<Rate> rate;

    // The first moment at which the rate is at or below `level`, at the end of that slot.
    [[nodiscard]] Nanos reaches(Rate level) const {
        for (std::size_t i = 0; i < rate.size(); ++i) {
            if (rate[i] <= level) {
                return static_cast<std::int64_t>(i + 1) * interval;
            }
        }
        return Nanos::max();
    }
};

Response step_response(std::chrono::milliseconds interval, double rtt_ms, Direction direction,
                       const ReferenceConfig& mends) {
    AutorateConfig config = cable_config(interval);
    config.reference = mends;
    // Where acceleration has something to see.
    if (mends.accel_confirm > Nanos(0)) {
        config.load_time_constant = std::chrono::duration<double>(0.1);
    }
    WanController controller(config);
    Response response{interval, {}};
    const auto calm = std::chrono::milliseconds(1000) / interval;
    const auto slots = std::chrono::milliseconds(4000) / interval;
    for (std::int64_t slot = 0; slot < calm; ++slot) {
        controller.step({slot, Millis(25), {}});
    }
    for (std::int64_t slot = calm; slot < slots; ++slot) {
        const Decision decision = controller.step({slot, Millis(rtt_ms), {}});
        response.rate.push_back(decision.direction[static_cast<std::size_t>(direction)].rate);
    }
    return response;
}

}  // namespace

TEST_CASE("a slot without an answer moves nothing") {
    WanController controller(cable_config());
    Decision before{};
    for (int slot = 0; slot < 30; ++slot) {
        before = controller.step({slot, Millis(150), {}});
    }
    for (int slot = 30; slot < 40; ++slot) {
        const Decision decision = controller.step({slot, std::nullopt, {}});
        CHECK(decision.load == before.load);
        CHECK(decision.direction[0].rate == before.direction[0].rate);
        CHECK(decision.direction[0].zone == before.direction[0].zone);
        CHECK_FALSE(decision.direction[0].transition);
    }
}

TEST_CASE(
    "a line that steps loses rate alike at 5, 20, 50 and 100 ms, with the mends and without") {
    ReferenceConfig all = every_mend();
    all.hampel = true;
    const ReferenceConfig mends = GENERATE_COPY(values({ReferenceConfig(), all}));
    for (const double rtt_ms : {60.0, 90.0, 150.0}) {
        for (const Direction direction : {Direction::download, Direction::upload}) {
            const Response at_50 =
                step_response(std::chrono::milliseconds(50), rtt_ms, direction, mends);
            const Rate start =
                cable_config().direction[static_cast<std::size_t>(direction)].ceiling;
            for (const int interval_ms : {5, 20, 100}) {
                const auto interval = std::chrono::milliseconds(interval_ms);
                const Response other = step_response(interval, rtt_ms, direction, mends);
                const Nanos slower = std::max<Nanos>(interval, kReferenceCycle);
                for (const double share : {0.95, 0.8, 0.6}) {
                    const Rate level = scaled(start, share);
                    const Nanos expected = at_50.reaches(level);
                    const Nanos got = other.reaches(level);
                    CAPTURE(mends.hampel, rtt_ms, interval_ms, share, to_ms(expected), to_ms(got));
                    if (expected == Nanos::max()) {
                        CHECK(got == Nanos::max());
                        continue;
                    }
                    CHECK(std::abs(to_ms(got - expected)) <=
                          to_ms(slower) + 0.02 * to_ms(expected));
                }
            }
        }
    }
}

TEST_CASE("recovery climbs alike at 5, 20, 50 and 100 ms") {
    for (const int interval_ms : {5, 20, 100}) {
        std::array<Rate, 2> after{};
        for (const int ms : {50, interval_ms}) {
            WanController controller(cable_config(std::chrono::milliseconds(ms)));
            std::int64_t slot = 0;
            for (; slot * ms < 2000; ++slot) {
                controller.step({slot, Millis(200), {}});
            }
            Decision decision{};
            for (; slot * ms < 5000; ++slot) {
                decision = controller.step({slot, Millis(25), {}});
            }
            after[ms == 50 ? 0 : 1] = decision.direction[0].rate;
        }
        CAPTURE(interval_ms, after[0].bps, after[1].bps);
        const double slower_steps = std::max(interval_ms, 50) / 50.0;
        CHECK(std::abs(static_cast<double>((after[0] - after[1]).bps)) <=
              slower_steps * 10e6 + 0.02 * static_cast<double>(after[0].bps));
    }
}

TEST_CASE("under compat a gap counts as nothing and rates held by the router do not matter") {
    AutorateConfig config = cable_config();
    config.compat = Compat::v1_9;
    WanController gaps(config);
    WanController dense(config);
    for (std::int64_t i = 0; i < 200; ++i) {
        const Decision a = gaps.step({i * 7, Millis(100), {{Rate{1}, Rate{1}}}});
        const Decision b = dense.step({i, Millis(100), {}});
        REQUIRE(a.direction[0].rate == b.direction[0].rate);
        REQUIRE(a.direction[1].rate == b.direction[1].rate);
        REQUIRE(a.load == b.load);
    }
}

TEST_CASE("upload knows one floor under compat and all of them outside it") {
    AutorateConfig config = cable_config();
    config.direction[1].floor.zone = {35_mbit, 30_mbit, 30_mbit, 8_mbit};
    for (const Compat compat : {Compat::none, Compat::v1_9}) {
        config.compat = compat;
        WanController controller(config);
        Decision decision{};
        for (int slot = 0; slot < 200; ++slot) {
            decision = controller.step({slot, Millis(50), {}});
        }
        REQUIRE(decision.direction[1].zone == Zone::yellow);
        CHECK(decision.direction[1].rate == (compat == Compat::none ? 30_mbit : 8_mbit));
    }
}

TEST_CASE("under compat no mend acts, whatever the configuration says") {
    AutorateConfig config = cable_config();
    config.compat = Compat::v1_9;
    WanController plain(config);
    config.reference = every_mend();
    config.reference.hampel = true;
    WanController asked(config);
    for (std::int64_t slot = 0; slot < 20'000; ++slot) {
        // Calm, spikes, a standing queue, a longer path for longer than any escape.
        const double rtt = slot > 12'000 ? 41.0 : 25.0 + static_cast<double>(slot * 7919 % 97);
        const Decision a = plain.step({slot, Millis(rtt), {}});
        const Decision b = asked.step({slot, Millis(rtt), {}});
        REQUIRE(a.direction[0].zone == b.direction[0].zone);
        REQUIRE(a.direction[0].rate == b.direction[0].rate);
        REQUIRE(a.direction[1].rate == b.direction[1].rate);
        REQUIRE(a.baseline == b.baseline);
    }
}

TEST_CASE("with every mend on, no slot allocates") {
    for (const int ms : {5, 50}) {
        AutorateConfig config = cable_config(std::chrono::milliseconds(ms));
        config.reference = every_mend();
        config.reference.hampel = true;
        WanController law(config);
        const std::uint64_t before = test::allocations();
        for (std::int64_t slot = 0; slot < 100'000; ++slot) {
            SlotInput input{slot + slot / 97, std::nullopt, {800_mbit, 30_mbit}};
            if (slot % 53 != 0) {
                input.rtt = Millis(25.0 + static_cast<double>(slot / 200 % 5) * 30 +
                                   static_cast<double>(slot % 7) * 0.3);
            }
            law.step(input);
        }
        CHECK(test::allocations() == before);
    }
}
