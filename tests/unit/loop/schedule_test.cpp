#include "common/loop/schedule.hpp"

#include <vector>

#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace std::chrono_literals;

namespace {

const SteadyTime kStart(1000s);

struct Step {
    Nanos at;  // since start
    std::uint64_t slot;
    Nanos lateness;
    std::uint64_t missed;
};

}  // namespace

TEST_CASE("slot 0 is due at the start and every slot at start plus k intervals") {
    Schedule schedule(kStart, 50ms);
    for (std::uint64_t k = 0; k < 1000; ++k) {
        CHECK(schedule.next_deadline() == kStart + k * 50ms);
        const auto tick = schedule.tick(kStart + k * 50ms);
        REQUIRE(tick);
        CHECK(tick->slot == k);
        CHECK(tick->deadline == kStart + k * 50ms);
        CHECK(tick->lateness == Nanos(0));
        CHECK(tick->missed == 0);
    }
    CHECK(schedule.missed() == 0);
}

TEST_CASE("lateness never shifts the phase, and missed slots are counted and skipped") {
    const std::vector<Step> steps{
        {0ms, 0, 0ms, 0},           {50ms + 1ns, 1, 1ns, 0},    {149ms, 2, 49ms, 0},
        {150ms, 3, 0ms, 0},         {260ms, 5, 10ms, 1},        {399ms, 7, 49ms, 1},
        {400ms, 8, 0ms, 0},         {1000ms, 20, 0ms, 11},      {1h + 7ms, 72000, 7ms, 71979},
        {1h + 50ms, 72001, 0ms, 0}, {10h, 720000, 0ms, 647998},
    };
    Schedule schedule(kStart, 50ms);
    std::uint64_t missed = 0;
    for (const Step& step : steps) {
        const auto tick = schedule.tick(kStart + step.at);
        INFO(to_ms(step.at));
        REQUIRE(tick);
        CHECK(tick->slot == step.slot);
        CHECK(tick->deadline == kStart + step.slot * 50ms);
        CHECK(tick->now == kStart + step.at);
        CHECK(tick->lateness == step.lateness);
        CHECK(tick->missed == step.missed);
        missed += step.missed;
        CHECK(schedule.missed() == missed);
        // A jump of any length is one tick, and nothing is left to catch up.
        CHECK_FALSE(schedule.tick(kStart + step.at));
        CHECK(schedule.next_deadline() > kStart + step.at);
    }
}

TEST_CASE("an early wake-up is no tick") {
    Schedule schedule(kStart, 5ms);
    CHECK_FALSE(schedule.tick(kStart - 1ns));
    REQUIRE(schedule.tick(kStart));
    CHECK_FALSE(schedule.tick(kStart + 5ms - 1ns));
    CHECK_FALSE(schedule.tick(kStart - 1h));
    CHECK(schedule.tick(kStart + 5ms)->slot == 1);
}

TEST_CASE("ticks and missed slots add up to the slots that passed, whatever the wake-ups") {
    for (const Nanos interval : {Nanos(5ms), Nanos(50ms), Nanos(333'333'333), Nanos(2s)}) {
        Schedule schedule(kStart, interval);
        std::uint64_t ticks = 0;
        std::uint64_t last = 0;
        Nanos at{};
        std::uint32_t random = 1;
        for (int i = 0; i < 20'000; ++i) {
            random = random * 1664525U + 1013904223U;
            at += Nanos(random >> 8U) * 8;  // up to 134 ms
            if (const auto tick = schedule.tick(kStart + at)) {
                ++ticks;
                last = tick->slot;
                const bool in_slot = tick->lateness >= Nanos(0) && tick->lateness < interval;
                CHECK(in_slot);
            }
        }
        CHECK(ticks + schedule.missed() == last + 1);
    }
}
