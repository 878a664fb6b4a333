// The law under compat "v1.9" against recorded outcomes of the reference.
#include <cmath>

#include "autorate/control/wan_controller.hpp"
#include "tests/golden/series.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::autorate;

namespace {

int index_of(Direction direction) {
    return static_cast<int>(direction);
}

void check_every_row(const std::string& name) {
    const golden::Series series = golden::load_series(name);
    REQUIRE(series.rows.size() > 30);
    WanController controller(series.config);
    for (std::size_t i = 0; i < series.rows.size(); ++i) {
        const golden::Row& row = series.rows[i];
        CAPTURE(name, i, row.rtt_ms);
        const Decision decision =
            controller.step({static_cast<std::int64_t>(i), Millis(row.rtt_ms), {}});
        REQUIRE(decision.load.count() == Approx(row.load_ms).epsilon(0).margin(1e-9));
        REQUIRE(decision.baseline.count() == Approx(row.baseline_ms).epsilon(0).margin(1e-9));
        for (std::size_t side = 0; side < 2; ++side) {
            CAPTURE(side);
            REQUIRE(decision.direction[side].zone == row.zone[side]);
            REQUIRE(decision.direction[side].rate.bps == row.rate_bps[side]);
        }
    }
}

RateParams field_rates(Direction direction) {
    const bool download = direction == Direction::download;
    RateParams params;
    params.ceiling = download ? 940_mbit : 38_mbit;
    params.floor.fill(download ? 200_mbit : 8_mbit);
    params.step_up = 1_mbit;
    params.factor_down = Ratio{0.85};
    params.factor_down_yellow = Ratio{1.0};
    return params;
}

ZoneParams field_zones(Direction direction) {
    ZoneParams params;
    params.direction = direction;
    params.thresholds = {Millis(15), Millis(45), Millis(80), Millis(15)};
    params.interval = kReferenceCycle;
    params.green_required = 5 * kReferenceCycle;
    params.soft_red_required = 3 * kReferenceCycle;
    return params;
}

}  // namespace

TEST_CASE("every recorded row of the pure series is met, to the bit/s") {
    for (const char* name : {"pure-steady", "pure-step", "pure-spike", "pure-ramp", "pure-drift",
                             "pure-noise", "pure-edges-a1", "pure-step-sr3", "pure-ramp-cable"}) {
        check_every_row(name);
    }
}

TEST_CASE("zones, rates and averages of whole recorded cycles are met") {
    for (const char* name : {"cycle-steady", "cycle-step", "cycle-step-limiter2000"}) {
        check_every_row(name);
    }
}

TEST_CASE("a production log's rates come out equal in Mbit/s, its zones but for two on the edge") {
    const auto rows = golden::load_field_log();
    REQUIRE(rows.size() == 171);
    int equal_zones = 0;
    int equal_rates = 0;
    for (const Direction direction : {Direction::download, Direction::upload}) {
        const auto side = static_cast<std::size_t>(index_of(direction));
        int run = -1;
        ZoneMachine logged_zone(field_zones(direction));
        RateController rates(field_rates(direction));
        for (std::size_t i = 0; i < rows.size(); ++i) {
            const auto& row = rows[i];
            if (row.run != run) {
                run = row.run;
                logged_zone = ZoneMachine(field_zones(direction));
                rates = RateController(field_rates(direction));
            }
            const ZoneVerdict verdict =
                logged_zone.update(Millis(row.delta_ms), static_cast<std::int64_t>(i));
            equal_zones += verdict.zone == row.zone[side] ? 1 : 0;
            const Rate rate = rates.update({.zone = row.zone[side]}, Cycles(1.0), std::nullopt);
            equal_rates +=
                std::llround(static_cast<double>(rate.bps) / 1e6) == row.mbps[side] ? 1 : 0;
        }
    }
    CHECK(equal_rates == 2 * 171);
    CHECK(equal_zones >= 2 * 171 - 2);
}

TEST_CASE("a production log's load average is met within its own rounding") {
    const auto rows = golden::load_field_log();
    for (std::size_t i = 1; i < rows.size(); ++i) {
        if (rows[i].run != rows[i - 1].run) {
            continue;
        }
        BaselineConfig from_previous;
        from_previous.initial = Millis(rows[i - 1].load_ms);
        from_previous.max = Millis(1000);
        RttTracker tracker(from_previous, std::chrono::duration<double>(0.25));
        tracker.update(Millis(rows[i].rtt_ms), Cycles(1.0));
        CAPTURE(i);
        CHECK(std::abs(tracker.load().count() - rows[i].load_ms) <= 0.0801);
    }
}
