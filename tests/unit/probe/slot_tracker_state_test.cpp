// Blind, blackout and the way back.
#include "autorate/probe/slot_tracker.hpp"

#include <algorithm>

#include "tests/support/catch.hpp"
#include "tests/unit/probe/tracker_bench.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

// Closed slots without any reply until the line is called blind, from the first unanswered echo.
double ms_until_blind(double interval_ms, double baseline_ms) {
    TrackerBench bench(settings_with(2, interval_ms));
    (void)bench.answered_slot(1, interval_ms / 2);
    const double start = bench.now_ms;
    for (std::uint64_t slot = 2; slot < 1000; ++slot) {
        if (bench.silent_slot(slot, baseline_ms).state == MeasurementState::blind) {
            return bench.now_ms - start;
        }
    }
    return -1;
}

}  // namespace

TEST_CASE("a refused echo is neither waited for nor lost, but its reflector does not answer") {
    TrackerBench bench(settings_with(3));
    Sent sent = bench.open(1);
    bench.tracker.refused(sent[1].number);
    for (const Echo& echo : sent) bench.tracker.transmit_stamp(echo.number, bench.wall(1000));
    CHECK_FALSE(bench.tracker.awaits_stamps());
    bench.now_ms += 20;
    bench.reply(sent[0]);
    CHECK_FALSE(bench.tracker.complete());
    bench.reply(sent[2]);
    CHECK(bench.tracker.complete());
    CHECK(bench.close().answered == 0b101);
    bench.now_ms += 5000;
    CHECK(bench.close().lost == 0);
    // Refused everywhere, the line becomes blind all the same.
    sent = bench.open(2);
    for (const Echo& echo : sent) bench.tracker.refused(echo.number);
    CHECK_FALSE(bench.tracker.complete());
    CHECK(bench.close().state == MeasurementState::none);
    bench.now_ms += 500;
    CHECK(bench.close().state == MeasurementState::blind);
}

TEST_CASE("the line is blind after three slots, four baselines or 200 ms, whichever is longest") {
    CHECK(ms_until_blind(50, 20) == Approx(200));
    // At 10 ms the reflectors take turns: from the first echo to the last one of the turn.
    CHECK(ms_until_blind(10, 20) == Approx(240).margin(10));
    CHECK(ms_until_blind(50, 75) == Approx(300));
    CHECK(ms_until_blind(100, 20) == Approx(300));
    CHECK(ms_until_blind(2000, 20) == Approx(6000));
}

TEST_CASE("one answering reflector keeps the line from being blind") {
    TrackerBench bench(settings_with(2));
    for (std::uint64_t slot = 1; slot < 40; ++slot) {
        const Sent sent = bench.send(slot);
        bench.now_ms += 20;
        bench.reply(sent.back());
        bench.now_ms += 30;
        const SlotResult result = bench.close();
        CHECK(result.state == MeasurementState::fresh);
        CHECK(result.answered == 0b10);
    }
}

TEST_CASE("a long but steady RTT is not blindness: something answers all the time") {
    TrackerBench bench(settings_with(1));
    std::vector<Echo> under_way;
    for (std::uint64_t slot = 1; slot < 60; ++slot) {
        under_way.push_back(bench.send(slot)[0]);
        bench.now_ms += 50;
        // Every reply takes 600 ms; every third one is lost.
        if (slot > 12 && slot % 3 != 0) bench.reply(under_way[slot - 12]);
        const SlotResult result = bench.close();
        INFO(slot);
        if (slot > 13) CHECK(result.state != MeasurementState::blind);
    }
}

TEST_CASE(
    "blind beyond the allowed time is blackout, and the first reply ends it within its slot") {
    TrackerBench bench(settings_with(3));
    (void)bench.answered_slot(1, 20);
    double blind_from = 0;
    double blackout_from = 0;
    std::uint64_t slot = 2;
    for (; slot < 200; ++slot) {
        const MeasurementState state = bench.silent_slot(slot).state;
        if (state == MeasurementState::blind && blind_from == 0) blind_from = bench.now_ms;
        if (state == MeasurementState::blackout && blackout_from == 0) blackout_from = bench.now_ms;
        if (blackout_from != 0) CHECK(state == MeasurementState::blackout);
    }
    CHECK(blackout_from - blind_from == Approx(6050));

    const Sent sent = bench.send(slot);
    bench.now_ms += 20;
    bench.reply(sent[1]);
    bench.now_ms += 30;
    const SlotResult back = bench.close();
    CHECK(back.state == MeasurementState::fresh);
    CHECK(back.rtt == from_ms(20));
    CHECK(bench.silent_slot(slot + 1).state == MeasurementState::none);
}

TEST_CASE("the second time blind does not inherit the first time's length") {
    TrackerBench bench(settings_with(1));
    std::uint64_t slot = 1;
    for (; slot < 100; ++slot) (void)bench.silent_slot(slot);
    CHECK(bench.answered_slot(slot++, 20).state == MeasurementState::fresh);
    for (int i = 0; i < 40; ++i) {
        CHECK(bench.silent_slot(slot++).state != MeasurementState::blackout);
    }
    CHECK(bench.silent_slot(slot).state == MeasurementState::blind);
}

TEST_CASE("a line that never answered becomes blind too") {
    TrackerBench bench(settings_with(3));
    MeasurementState state = MeasurementState::none;
    for (std::uint64_t slot = 1; slot < 6; ++slot) state = bench.silent_slot(slot).state;
    CHECK(state == MeasurementState::blind);
}

TEST_CASE("late replies do not end blindness: they are no measurement") {
    TrackerBench bench(settings_with(1));
    const Sent first = bench.send(1);
    for (std::uint64_t slot = 2; slot < 25; ++slot) (void)bench.silent_slot(slot);
    bench.reply(first[0]);
    const SlotResult result = bench.silent_slot(25);
    CHECK(result.late == 1);
    CHECK(result.state == MeasurementState::blind);
}

TEST_CASE("an hour without any reply keeps the books: every echo is lost exactly once") {
    TrackerBench bench(settings_with(3));
    std::uint64_t sent = 0;
    std::uint64_t lost = 0;
    for (std::uint64_t slot = 1; slot <= 72000; ++slot) {
        sent += bench.send(slot).size();
        bench.now_ms += 50;
        lost += bench.close().lost;
    }
    bench.now_ms += 2000;
    lost += bench.close().lost;
    CHECK(sent == 216000);
    CHECK(lost == sent);
}

TEST_CASE("a reflector that stays silent while the others answer is demoted and not waited for") {
    TrackerBench bench(settings_with(3));
    std::uint64_t slot = 1;
    SlotResult result;
    const auto two_answer = [&] {
        const Sent sent = bench.send(slot++);
        bench.now_ms += 20;
        for (const Echo& echo : sent) {
            if (echo.reflector != 1) bench.reply(echo);
        }
        bench.now_ms += 30;
        result = bench.close();
    };
    for (int i = 0; i < 20 + 9; ++i) two_answer();
    CHECK(result.active == 0b111);
    for (int i = 0; i < 3; ++i) two_answer();
    CHECK(result.active == 0b101);
    REQUIRE(bench.tracker.take_change());
    // Asked again after half a minute, once, and the slot is complete without it.
    int asked = 0;
    for (int i = 0; i < 20 * 31; ++i) {
        const Sent sent = bench.send(slot++);
        bench.now_ms += 20;
        for (const Echo& echo : sent) {
            asked += echo.reflector == 1 ? 1 : 0;
            if (echo.reflector != 1) bench.reply(echo);
        }
        CHECK(bench.tracker.complete());
        bench.now_ms += 30;
        (void)bench.close();
    }
    CHECK(asked == 1);
}

TEST_CASE("a blackout of any length demotes nobody") {
    TrackerBench bench(settings_with(3));
    std::uint64_t slot = 1;
    for (; slot < 50; ++slot) (void)bench.answered_slot(slot, 20);
    for (; slot < 250; ++slot) (void)bench.silent_slot(slot);
    for (; slot < 350; ++slot) CHECK(bench.answered_slot(slot, 20).active == 0b111);
    CHECK_FALSE(bench.tracker.take_change());
}

TEST_CASE(
    "when the last reflectors fall silent the demoted ones are asked, and end the blindness") {
    TrackerBench bench(settings_with(3));
    std::uint64_t slot = 1;
    std::uint16_t silent = 0b010;
    SlotResult result;
    const auto run = [&](int slots) {
        for (int i = 0; i < slots; ++i) {
            const Sent sent = bench.send(slot++);
            bench.now_ms += 20;
            for (const Echo& echo : sent) {
                if ((silent >> echo.reflector & 1) == 0) bench.reply(echo);
            }
            bench.now_ms += 30;
            result = bench.close();
        }
    };
    run(60);
    REQUIRE(result.active == 0b101);
    silent = 0b101;
    run(7);
    CHECK(result.state == MeasurementState::fresh);
    CHECK(result.answered == 0b010);
    run(100);
    CHECK(result.state == MeasurementState::fresh);
    CHECK((result.active & 0b010) != 0);
}

TEST_CASE("echoes pending on two reflectors count once as a sample of their age") {
    TrackerSettings settings = settings_with(3);
    settings.blocked_after = std::chrono::milliseconds(80);
    TrackerBench bench(settings);
    std::uint64_t slot = 1;
    for (; slot < 20; ++slot) (void)bench.answered_slot(slot, 20);
    std::vector<double> ages;
    std::vector<MeasurementState> states;
    for (int i = 0; i < 8; ++i, ++slot) {
        const SlotResult result = bench.silent_slot(slot, 20);
        states.push_back(result.state);
        if (!result.rtt) continue;
        CHECK(result.source == SampleSource::pending);
        CHECK(result.answered == 0);
        ages.push_back(to_ms(*result.rtt));
    }
    // Each slot's echoes once, when they are older than 100 ms, until the line is blind at 200 ms.
    REQUIRE(ages.size() == 1);
    CHECK(ages[0] == Approx(150));
    CHECK(states[3] == MeasurementState::blind);
}

TEST_CASE("a line that is merely slower than a slot has no pending samples") {
    TrackerSettings settings = settings_with(3);
    settings.blocked_after = std::chrono::milliseconds(80);
    TrackerBench bench(settings);
    std::vector<Sent> under_way;
    for (std::uint64_t slot = 1; slot < 40; ++slot) {
        under_way.push_back(bench.send(slot));
        if (under_way.size() > 3) {
            for (const Echo& echo : under_way[under_way.size() - 4]) bench.reply(echo);
        }
        bench.now_ms += 50;
        const SlotResult result = bench.close(20);
        if (slot > 4) CHECK(result.source == SampleSource::reply);
    }
}

TEST_CASE("one silent reflector alone blocks no line") {
    TrackerSettings settings = settings_with(2);
    settings.blocked_after = std::chrono::milliseconds(80);
    TrackerBench bench(settings);
    std::uint64_t slot = 1;
    for (; slot < 20; ++slot) (void)bench.answered_slot(slot, 20);
    for (int i = 0; i < 3; ++i, ++slot) {
        const Sent sent = bench.send(slot);
        bench.now_ms += 20;
        if (i < 2) bench.reply(sent[0]);
        bench.now_ms += 30;
        CHECK((i == 2 ? !bench.close().rtt : bench.close().rtt.has_value()));
    }
}

TEST_CASE("a line that was silent from the start has no pending samples") {
    TrackerSettings settings = settings_with(3);
    settings.blocked_after = std::chrono::milliseconds(80);
    TrackerBench bench(settings);
    for (std::uint64_t slot = 1; slot < 20; ++slot) CHECK_FALSE(bench.silent_slot(slot).rtt);
}

TEST_CASE("a reflector without an address is not asked until it has one, and the line is blind") {
    TrackerSettings settings = settings_with(2);
    settings.reflectors.address[1].reset();
    TrackerBench bench(settings);
    CHECK(bench.answered_slot(1, 20).active == 0b01);
    bench.tracker.offer_address(1, Ipv4Address{0xc6120777});
    const Sent sent = bench.send(2);
    REQUIRE(sent.size() == 2);
    CHECK(sent[1].to == Ipv4Address{0xc6120777});
    settings.reflectors.address[0].reset();
    TrackerBench nobody(settings);
    CHECK(nobody.open(1).empty());
    CHECK(nobody.close().state == MeasurementState::none);
    nobody.now_ms += 300;
    CHECK(nobody.open(2).empty());
    CHECK(nobody.close().state == MeasurementState::blind);
}

TEST_CASE("a new address is tried beside the old one, and used alone once it answers") {
    constexpr IpAddress kNew{Ipv4Address{0xc6120777}};
    TrackerBench bench(settings_with(1));
    const auto old = bench.tracker.address(0);
    bench.tracker.offer_address(0, kNew);
    std::vector<IpAddress> asked;
    std::uint64_t slot = 1;
    for (; slot <= 6; ++slot) {
        const Sent sent = bench.send(slot);
        asked.push_back(sent[0].to);
        bench.now_ms += 20;
        if (sent[0].to == old) bench.reply(sent[0]);  // the new one is dead so far
        bench.now_ms += 30;
        (void)bench.close();
    }
    CHECK(std::count(asked.begin(), asked.end(), kNew) == 3);
    CHECK(bench.tracker.address(0) == old);
    while (bench.tracker.address(0) == old) (void)bench.answered_slot(slot++, 20);
    for (int i = 0; i < 4; ++i) CHECK(bench.send(slot++)[0].to == kNew);
}

TEST_CASE("lost echoes are no sign of a blocked line: later ones were answered") {
    TrackerSettings settings = settings_with(2);
    settings.blocked_after = std::chrono::milliseconds(80);
    TrackerBench bench(settings);
    std::uint64_t slot = 1;
    for (; slot < 20; ++slot) (void)bench.answered_slot(slot, 20);
    (void)bench.silent_slot(slot++);
    for (int i = 0; i < 5; ++i) (void)bench.answered_slot(slot++, 20);
    // Nothing arrives in this slot either.
    CHECK_FALSE(bench.silent_slot(slot).rtt);
}
