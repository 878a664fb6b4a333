// Where an RTT's stamps come from, and what becomes of stamps that cannot be true.
#include "autorate/probe/slot_tracker.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/probe/tracker_bench.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

// One echo with a true RTT of rtt_ms; the wall clock is stepped after half of it.
SlotResult slot_with_step(double rtt_ms, double step_ms) {
    TrackerBench bench(settings_with(1));
    const Sent sent = bench.send(1);
    bench.now_ms += rtt_ms / 2;
    bench.wall_ahead_ms += step_ms;
    bench.now_ms += rtt_ms / 2;
    bench.reply(sent[0]);
    CHECK(bench.tracker.complete());
    return bench.close();
}

TrackerSettings without_transmit_stamps() {
    TrackerSettings settings = settings_with(1);
    settings.transmit_stamps = false;
    return settings;
}

}  // namespace

TEST_CASE("the RTT is between the kernel's stamps, not between the calls") {
    TrackerBench bench(settings_with(1));
    const Sent sent = bench.open(1);
    bench.tracker.transmit_stamp(sent[0].number, bench.wall(bench.now_ms + 3));
    const WallTime arrived = bench.wall(bench.now_ms + 13);
    bench.now_ms += 40;
    bench.tracker.reply({{0, 1, sent[0].number}, sent[0].to, arrived, bench.now()});
    const SlotResult result = bench.close();
    CHECK(result.rtt == from_ms(10));
    CHECK(result.stamp_source == StampSource::kernel);
}

TEST_CASE("of several transmit stamps of an echo the last one counts") {
    TrackerBench bench(settings_with(1));
    const Sent sent = bench.send(1);
    bench.now_ms += 2;
    bench.tracker.transmit_stamp(sent[0].number, bench.wall(bench.now_ms));
    bench.now_ms += 10;
    bench.reply(sent[0]);
    bench.tracker.transmit_stamp(sent[0].number, bench.wall(bench.now_ms));
    CHECK(bench.close().rtt == from_ms(10));
}

TEST_CASE("a reply read before its transmit stamp waits for it and completes the slot with it") {
    TrackerBench bench(settings_with(1));
    const Sent sent = bench.open(1);
    const WallTime transmitted = bench.wall(bench.now_ms + 1);
    CHECK(bench.tracker.awaits_stamps());
    bench.now_ms += 11;
    bench.reply(sent[0]);
    CHECK_FALSE(bench.tracker.complete());
    CHECK(bench.tracker.awaits_stamps());
    bench.now_ms += 1;
    bench.tracker.transmit_stamp(sent[0].number, transmitted);
    CHECK(bench.tracker.complete());
    CHECK_FALSE(bench.tracker.awaits_stamps());
    const SlotResult result = bench.close();
    CHECK(result.rtt == from_ms(10));
    CHECK(result.stamp_source == StampSource::kernel);
}

TEST_CASE("a transmit stamp that never comes is replaced at the close by the send call's time") {
    TrackerBench bench(settings_with(1));
    const Sent sent = bench.open(1);
    bench.now_ms += 11;
    bench.reply(sent[0]);
    bench.reply(sent[0]);
    bench.now_ms += 39;
    const SlotResult result = bench.close();
    CHECK(result.rtt == from_ms(11));
    CHECK(result.stamp_source == StampSource::kernel_rx);
    CHECK(result.duplicate == 1);
    CHECK(result.lost == 0);
}

TEST_CASE("a device without transmit stamps is known after a while and no longer waited for") {
    TrackerBench bench(settings_with(1));
    std::uint64_t slot = 1;
    const auto answered_at_once = [&] {
        const Sent sent = bench.open(slot++);
        bench.now_ms += 10;
        bench.reply(sent[0]);
        const bool complete = bench.tracker.complete();
        bench.now_ms += 40;
        CHECK(bench.close().stamp_source == StampSource::kernel_rx);
        return complete;
    };
    CHECK_FALSE(answered_at_once());
    for (int i = 0; i < 10; ++i) (void)answered_at_once();
    CHECK(answered_at_once());

    // One stamp, and it is trusted again.
    const SlotResult result = bench.answered_slot(slot, 10);
    CHECK(result.stamp_source == StampSource::kernel);
}

TEST_CASE("without a receive stamp both times are those of the calls") {
    TrackerBench bench(settings_with(1));
    const Sent sent = bench.send(1);
    bench.now_ms += 12;
    bench.tracker.reply({{0, 1, sent[0].number}, sent[0].to, std::nullopt, bench.now()});
    CHECK(bench.tracker.complete());
    const SlotResult result = bench.close();
    CHECK(result.rtt == from_ms(12));
    CHECK(result.stamp_source == StampSource::user);
}

TEST_CASE("a sample of several reflectors names its worst stamps, the next slot its own") {
    TrackerBench bench(settings_with(2));
    Sent sent = bench.send(1);
    bench.now_ms += 10;
    bench.tracker.reply({{0, 1, sent[0].number}, sent[0].to, std::nullopt, bench.now()});
    bench.reply(sent[1]);
    CHECK(bench.close().stamp_source == StampSource::user);
    CHECK(bench.close().stamp_source == StampSource::user);
    sent = bench.send(2);
    bench.now_ms += 10;
    bench.reply(sent[0]);
    CHECK(bench.close().stamp_source == StampSource::kernel);
}

TEST_CASE("a wall clock stepped while an echo is under way makes it malformed, either direction") {
    for (const double step : {10.0, 3.6e6, -10.0, -45.0, -3.6e6}) {
        const SlotResult result = slot_with_step(30, step);
        INFO("step of " << step << " ms");
        CHECK_FALSE(result.fresh());
        CHECK(result.malformed == 1);
        CHECK(result.lost == 0);
        CHECK(result.state == MeasurementState::none);
    }
}

TEST_CASE("a wall clock that is slewed by less than 5 ms costs no sample") {
    for (const double step : {4.0, -4.0}) {
        const SlotResult result = slot_with_step(30, step);
        CHECK(result.rtt == from_ms(30 + step));
        CHECK(result.malformed == 0);
    }
}

TEST_CASE("a stamped RTT longer than the time between the calls by more than 5 ms is impossible") {
    const auto run = [](double stamped_ms, double bracket_ms) {
        TrackerBench bench(settings_with(1));
        const Sent sent = bench.send(1);
        const WallTime arrived = bench.wall(bench.now_ms + stamped_ms);
        bench.now_ms += bracket_ms;
        bench.tracker.reply({{0, 1, sent[0].number}, sent[0].to, arrived, bench.now()});
        return bench.close();
    };
    CHECK(run(14.9, 10).fresh());
    CHECK(run(15.1, 10).malformed == 1);
    CHECK(run(-0.001, 10).malformed == 1);
    // The possible direction: the program was late to read.
    CHECK(run(10, 900).rtt == from_ms(10));
}

TEST_CASE("a step does not hurt the echoes after it, nor what the slot before it measured") {
    TrackerBench bench(settings_with(1));
    CHECK(bench.answered_slot(1, 20).rtt == from_ms(20));
    bench.wall_ahead_ms -= 5000;
    CHECK(bench.answered_slot(2, 21).rtt == from_ms(21));
    bench.wall_ahead_ms += 9000;
    CHECK(bench.answered_slot(3, 22).rtt == from_ms(22));
}

TEST_CASE("the fallback to the send call's time is guarded against steps as well") {
    TrackerBench bench(without_transmit_stamps());
    Sent sent = bench.open(1);
    bench.now_ms += 30;
    bench.wall_ahead_ms -= 20;
    bench.reply(sent[0]);
    SlotResult result = bench.close();
    CHECK(result.malformed == 1);
    CHECK_FALSE(result.fresh());

    // Without any stamp the wall clock does not matter.
    sent = bench.open(2);
    bench.now_ms += 30;
    bench.wall_ahead_ms += 3.6e6;
    bench.tracker.reply({{0, 2, sent[0].number}, sent[0].to, std::nullopt, bench.now()});
    result = bench.close();
    CHECK(result.rtt == from_ms(30));
    CHECK(result.malformed == 0);
}
