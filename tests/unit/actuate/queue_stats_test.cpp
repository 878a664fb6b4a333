#include "autorate/actuate/queue_stats.hpp"

#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::actuate;

namespace {

routeros::QueueReading reading(std::uint64_t bytes, std::uint64_t dropped = 0,
                               const char* id = "*1") {
    routeros::QueueReading value;
    value.id = id;
    value.counts.bytes = bytes;
    value.counts.packets = bytes / 1000;
    value.counts.dropped = dropped;
    return value;
}

SteadyTime at_ms(int ms) {
    return SteadyTime(std::chrono::milliseconds(ms));
}

}  // namespace

TEST_CASE("the first reading gives no delta") {
    QueueStats stats;
    CHECK_FALSE(stats.last());
    const QueueSample& first = stats.accept(reading(1'000'000, 5), at_ms(0));
    CHECK_FALSE(first.achieved);
    CHECK(first.dropped_since == 0);
    CHECK(first.resets == 0);
    CHECK(first.counts.bytes == 1'000'000);
}

TEST_CASE("the achieved rate is bytes over the time between the readings") {
    QueueStats stats;
    stats.accept(reading(1'000'000, 5), at_ms(0));
    const QueueSample& next = stats.accept(reading(2'250'000, 9), at_ms(250));
    CHECK(next.achieved == 40_mbit);
    CHECK(next.dropped_since == 4);
    CHECK(stats.accept(reading(2'250'000, 9), at_ms(500)).achieved == Rate{0});
}

TEST_CASE("a counter that went back is a reset, and the next reading counts from there") {
    QueueStats stats;
    stats.accept(reading(5'000'000, 7), at_ms(0));
    const QueueSample reset = stats.accept(reading(1'000, 0), at_ms(250));
    CHECK_FALSE(reset.achieved);
    CHECK(reset.dropped_since == 0);
    CHECK(reset.resets == 1);
    CHECK(stats.accept(reading(1'251'000, 2), at_ms(500)).achieved == 40_mbit);
}

TEST_CASE("only the drops going back, or another id, is a reset too") {
    QueueStats stats;
    stats.accept(reading(1'000, 7), at_ms(0));
    CHECK(stats.accept(reading(2'000, 6), at_ms(250)).resets == 1);
    CHECK(stats.accept(reading(9'000, 6, "*2"), at_ms(500)).resets == 2);
    CHECK_FALSE(stats.last()->achieved);
}

TEST_CASE("two readings of one moment give no rate") {
    QueueStats stats;
    stats.accept(reading(1'000), at_ms(10));
    CHECK_FALSE(stats.accept(reading(2'000), at_ms(10)).achieved);
}
