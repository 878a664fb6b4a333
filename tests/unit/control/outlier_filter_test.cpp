#include "autorate/control/outlier_filter.hpp"

#include <algorithm>
#include <cmath>
#include <deque>
#include <vector>

#include "autorate/control/wan_controller.hpp"
#include "tests/sim/line/random.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/control/control_fixture.hpp"

using namespace wanctl;
using namespace wanctl::autorate;

namespace {

using std::chrono::milliseconds;

// What the filter must say, spelt out.
double plainly(const std::deque<double>& window, double rtt) {
    const auto median = [](std::vector<double> values) {
        std::sort(values.begin(), values.end());
        return values[values.size() / 2];
    };
    const double middle = median({window.begin(), window.end()});
    std::vector<double> deviations;
    for (const double each : window) {
        deviations.push_back(std::abs(each - middle));
    }
    const double limit = 1.4826 * 3.0 * median(deviations);
    return limit > 0 && std::abs(rtt - middle) > limit ? middle : rtt;
}

}  // namespace

TEST_CASE("the filter says what its definition says, on every kind of noise and at any interval") {
    const std::pair<int, std::size_t> windows[] = {{5, 79}, {7, 55},  {20, 19},
                                                   {50, 7}, {100, 3}, {2000, 3}};
    for (const auto& [ms, size] : windows) {
        OutlierFilter filter{milliseconds(ms)};
        sim::Random random(static_cast<std::uint64_t>(ms));
        std::deque<double> window;
        int replaced = 0;
        int far = 0;
        for (int i = 0; i < 5000; ++i) {
            // Coarse steps make equal values, and now and then something far off.
            double rtt = 20 + std::floor(10 * random.uniform()) / 2;
            if (random.uniform() < 0.05) rtt += 200 * (random.uniform() - 0.2);
            double expected = window.size() < size ? rtt : plainly(window, rtt);
            far = expected == rtt ? 0 : far + 1;
            if (far > std::max(50 / ms, 1)) expected = rtt;
            CAPTURE(ms, i, rtt);
            REQUIRE(filter.pass(Millis(rtt)).count() == expected);
            REQUIRE(filter.replaced() == (expected != rtt));
            replaced += filter.replaced() ? 1 : 0;
            window.push_back(rtt);
            if (window.size() > size) window.pop_front();
        }
        CHECK(replaced > 50);
    }
}

TEST_CASE("a constant line has no outliers: the first other sample passes") {
    OutlierFilter filter{kReferenceCycle};
    for (int i = 0; i < 20; ++i) {
        filter.pass(Millis(25));
    }
    CHECK(filter.pass(Millis(80)) == Millis(80));
}

TEST_CASE("a step is believed after 50 ms, at 5, 20, 50 and 100 ms") {
    for (const int ms : {5, 20, 50, 100}) {
        OutlierFilter filter{milliseconds(ms)};
        for (int i = 0; i < 200; ++i) {
            filter.pass(Millis(25 + 0.1 * (i % 3)));
        }
        int late = 0;
        while (filter.pass(Millis(80 + 0.1 * (late % 3))) < Millis(80)) {
            ++late;
        }
        CAPTURE(ms);
        CHECK(late == std::max(50 / ms, 1));
    }
}

TEST_CASE("with Hampel an outlier moves nothing, and with three reflectors it is not asked") {
    AutorateConfig config = cable_config();
    config.load_time_constant = std::chrono::duration<double>(0.05);
    config.reference.hampel = true;
    for (const int reflectors : {1, 2, 3, 16}) {
        WanController law(config);
        Decision decision;
        for (std::int64_t slot = 0; slot < 20; ++slot) {
            decision = law.step(
                {slot, Millis(25.0 + 0.1 * static_cast<double>(slot % 3)), {}, reflectors});
        }
        decision = law.step({20, Millis(300), {}, reflectors});
        CAPTURE(reflectors);
        CHECK(decision.law.outlier == (reflectors < 3));
        CHECK(decision.direction[0].zone == (reflectors < 3 ? Zone::green : Zone::red));
    }
}

TEST_CASE("a slot without an answer is no sample of the filter") {
    AutorateConfig config = cable_config();
    config.reference.hampel = true;
    WanController gaps(config);
    WanController dense(config);
    std::int64_t slot = 0;
    for (int i = 0; i < 300; ++i) {
        const Millis rtt(25 + 0.3 * (i % 5) + (i % 11 == 0 ? 40 : 0));
        slot += 1 + i % 3;
        gaps.step({slot - 1, std::nullopt, {}});
        const bool replaced = gaps.step({slot, rtt, {}}).law.outlier;
        REQUIRE(dense.step({i, rtt, {}}).law.outlier == replaced);
    }
}
