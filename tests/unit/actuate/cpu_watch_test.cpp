#include "autorate/actuate/cpu_watch.hpp"

#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::actuate;

namespace {

constexpr Nanos kStep = std::chrono::seconds(5);

// One reading each five seconds.
struct Readings {
    CpuWatch watch{CpuWatchOptions{}};
    SteadyTime now{};

    // How often the verdict changed.
    int feed(int count, int percent) {
        int changes = 0;
        for (int i = 0; i < count; ++i, now += kStep) changes += watch.accept(now, percent) ? 1 : 0;
        return changes;
    }
};

}  // namespace

TEST_CASE("processors are busy once every reading over the time was high, and that is said once") {
    Readings readings;
    CHECK(readings.feed(6, 80) == 0);
    CHECK(readings.feed(1, 80) == 1);
    CHECK(readings.watch.busy());
    CHECK(readings.feed(100, 100) == 0);
}

TEST_CASE("a single lower reading starts the time anew") {
    Readings readings;
    for (int i = 0; i < 20; ++i) {
        CHECK(readings.feed(6, 100) == 0);
        CHECK(readings.feed(1, 79) == 0);
    }
    CHECK_FALSE(readings.watch.busy());
}

TEST_CASE("busy ends only well below where it began") {
    Readings readings;
    REQUIRE(readings.feed(7, 90) == 1);
    CHECK(readings.feed(50, 70) == 0);
    CHECK(readings.watch.busy());
    CHECK(readings.feed(7, 69) == 1);
    CHECK_FALSE(readings.watch.busy());
}

TEST_CASE("readings on both sides of a gap do not add up") {
    Readings readings;
    CHECK(readings.feed(6, 100) == 0);
    readings.watch.lost();
    CHECK(readings.feed(6, 100) == 0);
    CHECK(readings.feed(1, 100) == 1);
}
