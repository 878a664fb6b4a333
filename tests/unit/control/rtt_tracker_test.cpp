#include "autorate/control/rtt_tracker.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/control/control_fixture.hpp"

using namespace wanctl;
using namespace wanctl::autorate;

namespace {

RttTracker tracker() {
    const AutorateConfig config = cable_config();
    return RttTracker(config.baseline, config.load_time_constant);
}

}  // namespace

TEST_CASE("a sample that stands for n cycles weighs as n equal samples") {
    RttTracker one_by_one = tracker();
    RttTracker at_once = tracker();
    for (int i = 0; i < 7; ++i) {
        one_by_one.update(Millis(26), Cycles(1.0));
    }
    at_once.update(Millis(26), Cycles(7.0));
    CHECK(at_once.load().count() == Approx(one_by_one.load().count()).epsilon(1e-12));
    CHECK(at_once.baseline().count() == Approx(one_by_one.baseline().count()).epsilon(1e-12));
}

TEST_CASE("a time constant under one cycle follows at once") {
    CHECK(ewma_weight(std::chrono::duration<double>(0.049), Cycles(1.0)).value == 1.0);
    CHECK(ewma_weight(std::chrono::duration<double>(0.05), Cycles(0.1)).value == 1.0);
}

TEST_CASE("the baseline stands still while the line is loaded") {
    RttTracker rtt = tracker();
    rtt.update(Millis(80), Cycles(1.0));
    const Millis before = rtt.baseline();
    for (int i = 0; i < 1000; ++i) {
        rtt.update(Millis(80), Cycles(1.0));
    }
    CHECK(rtt.baseline() == before);
}

TEST_CASE("a baseline outside its bounds is dropped and the old one kept") {
    AutorateConfig config = cable_config();
    config.baseline.min = Millis(24.999);
    RttTracker rtt(config.baseline, config.load_time_constant);
    for (int i = 0; i < 100; ++i) {
        rtt.update(Millis(1), Cycles(1.0));
    }
    CHECK(rtt.baseline() == Millis(25));
}
