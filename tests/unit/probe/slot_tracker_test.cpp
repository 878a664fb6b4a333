#include "autorate/probe/slot_tracker.hpp"

#include <algorithm>
#include <array>

#include "tests/support/catch.hpp"
#include "tests/unit/probe/tracker_bench.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

// Sends to n reflectors, lets reflector i answer after rtt_ms[i] and returns the closed slot.
SlotResult slot_with(const std::vector<double>& rtt_ms) {
    TrackerBench bench(settings_with(static_cast<std::uint8_t>(rtt_ms.size())));
    const Sent sent = bench.send(1);
    const double start = bench.now_ms;
    std::vector<std::size_t> order(rtt_ms.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(),
              [&](std::size_t a, std::size_t b) { return rtt_ms[a] < rtt_ms[b]; });
    for (const std::size_t i : order) {
        bench.now_ms = start + rtt_ms[i];
        bench.reply(sent[i]);
    }
    bench.now_ms = start + 50;
    return bench.close();
}

}  // namespace

TEST_CASE("the sample is the median: one as it is, two averaged, three the middle one") {
    CHECK(slot_with({30}).rtt == from_ms(30));
    CHECK(slot_with({30, 10}).rtt == from_ms(20));
    CHECK(slot_with({40, 10, 12}).rtt == from_ms(12));
    CHECK(slot_with({40, 10, 12, 20}).rtt == from_ms(16));
}

TEST_CASE("a slot tells who was asked, who answered, each one's RTT and how old the newest is") {
    TrackerBench bench(settings_with(3));
    const Sent sent = bench.send(7);
    bench.now_ms += 10.0004;
    bench.reply(sent[2]);
    bench.now_ms += 5;
    const SlotResult result = bench.close();
    CHECK(result.slot == 7);
    CHECK(result.state == MeasurementState::fresh);
    CHECK(result.fresh());
    CHECK(result.active == 0b111);
    CHECK(result.answered == 0b100);
    CHECK(result.reflector_rtt_us[0] == kUnknownUs);
    CHECK(result.reflector_rtt_us[2] == 10000);
    CHECK(result.stamp_source == StampSource::kernel);
    REQUIRE(result.sample_age);
    CHECK(*result.sample_age == from_ms(5));
}

TEST_CASE("a slot is complete when its last echo is answered, not before") {
    TrackerBench bench(settings_with(2));
    CHECK_FALSE(bench.tracker.complete());
    const Sent sent = bench.send(1);
    bench.reply(sent[0]);
    CHECK_FALSE(bench.tracker.complete());
    bench.reply(sent[0]);
    CHECK_FALSE(bench.tracker.complete());
    bench.reply(sent[1]);
    CHECK(bench.tracker.complete());
    (void)bench.close();
    CHECK_FALSE(bench.tracker.complete());
}

TEST_CASE("a reply after its slot's close counts once, in the slot in which it arrives") {
    TrackerBench bench(settings_with(1));
    const Sent first = bench.send(1);
    bench.now_ms += 50;
    const SlotResult empty = bench.close();
    CHECK_FALSE(empty.fresh());
    CHECK(empty.state == MeasurementState::none);
    CHECK(empty.lost == 0);

    (void)bench.send(2);
    bench.now_ms += 30;
    bench.reply(first[0]);
    CHECK_FALSE(bench.tracker.complete());
    bench.now_ms += 20;
    const SlotResult carried = bench.close();
    CHECK(carried.slot == 2);
    CHECK(carried.rtt == from_ms(80));
    CHECK(carried.sample_age == from_ms(20));

    (void)bench.send(3);
    bench.now_ms += 50;
    const SlotResult after = bench.close();
    CHECK_FALSE(after.fresh());
    CHECK(after.answered == 0);
    CHECK(after.sample_age == from_ms(70));
    CHECK(after.reflector_rtt_us[0] == 80000);
}

TEST_CASE("of several replies of one reflector in a slot the one to the newest echo counts") {
    const auto run = [](bool reordered) {
        TrackerBench bench(settings_with(1));
        const Sent first = bench.send(1);
        bench.now_ms += 50;
        (void)bench.close();
        const Sent second = bench.send(2);
        bench.now_ms += 10;
        bench.reply(reordered ? second[0] : first[0]);
        bench.reply(reordered ? first[0] : second[0]);
        const SlotResult result = bench.close();
        CHECK(result.duplicate == 0);
        CHECK(result.late == 0);
        return result.rtt;
    };
    CHECK(run(false) == from_ms(10));
    CHECK(run(true) == from_ms(10));
}

TEST_CASE("a reflector that did not answer in this slot has no vote in its sample") {
    TrackerBench bench(settings_with(2));
    CHECK(bench.answered_slot(1, 10).rtt == from_ms(10));
    const Sent sent = bench.send(2);
    bench.now_ms += 40;
    bench.reply(sent[1]);
    CHECK(bench.close().rtt == from_ms(40));
}

TEST_CASE("a second reply to an echo is a duplicate and changes nothing, in later slots too") {
    TrackerBench bench(settings_with(1));
    const Sent sent = bench.send(1);
    bench.now_ms += 10;
    bench.reply(sent[0]);
    bench.now_ms += 10;
    bench.reply(sent[0]);
    const SlotResult result = bench.close();
    CHECK(result.rtt == from_ms(10));
    CHECK(result.duplicate == 1);
    bench.now_ms += 10;
    bench.reply(sent[0]);
    const SlotResult next = bench.close();
    CHECK(next.duplicate == 1);
    CHECK_FALSE(next.fresh());
}

TEST_CASE("an echo is lost once after the timeout, and its reply is then late and dropped") {
    TrackerBench bench(settings_with(1));
    const Sent sent = bench.send(1);
    bench.now_ms += 1000;
    CHECK(bench.close().lost == 0);
    CHECK(bench.tracker.has_pending());
    bench.now_ms += 1;
    CHECK(bench.close().lost == 1);
    CHECK_FALSE(bench.tracker.has_pending());
    bench.reply(sent[0]);
    const SlotResult result = bench.close();
    CHECK(result.lost == 0);
    CHECK(result.late == 1);
    CHECK_FALSE(result.fresh());
    CHECK(result.state != MeasurementState::fresh);
}

TEST_CASE("a reply whose RTT exceeds the timeout is late even before its echo was given up") {
    TrackerBench bench(settings_with(1));
    const Sent sent = bench.send(1);
    bench.now_ms += 1000.5;
    bench.reply(sent[0]);
    const SlotResult result = bench.close();
    CHECK(result.late == 1);
    CHECK(result.lost == 1);
    CHECK_FALSE(result.fresh());
}

TEST_CASE("a reply that arrived in time but is read late by a stalled program still counts") {
    TrackerBench bench(settings_with(1));
    const Sent sent = bench.send(1);
    const WallTime arrived = bench.wall(bench.now_ms + 12);
    bench.now_ms += 3000;
    bench.tracker.reply({{0, 1, sent[0].number}, sent[0].to, arrived, bench.now()});
    const SlotResult result = bench.close();
    CHECK(result.rtt == from_ms(12));
    CHECK(result.sample_age == from_ms(2988));
    CHECK(result.late == 0);
}

TEST_CASE("a reply from another address, to no echo of ours or to one not yet sent is foreign") {
    TrackerBench bench(settings_with(2));
    const Sent sent = bench.send(1);
    bench.reply_from(sent[0], sent[1].to);
    bench.reply(Echo{0, sent[0].to});
    bench.reply(Echo{sent[1].number + 1, sent[0].to});
    bench.tracker.count(PacketFault::foreign);
    bench.tracker.count(PacketFault::not_echo_reply);
    const SlotResult result = bench.close();
    CHECK(result.foreign == 5);
    CHECK_FALSE(result.fresh());
    bench.reply(sent[0]);
    CHECK(bench.close().fresh());
}

TEST_CASE("truncated and corrupt packets are malformed") {
    TrackerBench bench(settings_with(1));
    bench.tracker.count(PacketFault::truncated);
    bench.tracker.count(PacketFault::corrupt_checksum);
    CHECK(bench.close().malformed == 2);
    CHECK(bench.close().malformed == 0);
}

TEST_CASE("a reply to an echo of long ago, whose place serves another by now, is late") {
    TrackerBench bench(settings_with(1));
    const Sent first = bench.send(1);
    for (std::uint64_t slot = 2; slot < 200; ++slot) (void)bench.silent_slot(slot);
    (void)bench.close();
    bench.reply(first[0]);
    CHECK(bench.close().late == 1);
}

TEST_CASE("counts that would overflow the record saturate") {
    TrackerBench bench(settings_with(1));
    for (int i = 0; i < 70000; ++i) bench.tracker.count(PacketFault::foreign);
    CHECK(bench.close().foreign == 65535);
}

TEST_CASE("reordered replies within a slot find their echoes") {
    TrackerBench bench(settings_with(3));
    const Sent sent = bench.send(1);
    for (const int i : {2, 0, 1}) {
        bench.now_ms += 10;
        bench.reply(sent[static_cast<std::size_t>(i)]);
    }
    const SlotResult result = bench.close();
    CHECK(result.reflector_rtt_us[2] == 10000);
    CHECK(result.reflector_rtt_us[0] == 20000);
    CHECK(result.reflector_rtt_us[1] == 30000);
    CHECK(result.rtt == from_ms(20));
}

TEST_CASE("at 200 Hz three reflectors take turns: each 20 times a second, evenly spread") {
    TrackerBench bench(settings_with(3, 5));
    std::array<int, 3> asked{};
    int empty = 0;
    for (std::uint64_t slot = 1001; slot < 1201; ++slot) {
        const Sent sent = bench.send(slot);
        CHECK(sent.size() <= 1);
        if (sent.empty()) ++empty;
        for (const Echo& echo : sent) ++asked[echo.to.v4().value - 0xc6120001U];
        bench.now_ms += 5;
        const SlotResult result = bench.close();
        CHECK((sent.empty() || result.active == 0b111));
    }
    CHECK(asked == std::array<int, 3>{20, 20, 20});
    CHECK(empty == 140);
}

TEST_CASE("no reflector is asked sooner than its share, whatever the interval and what is missed") {
    for (const double interval : {5.0, 7.0, 30.0, 49.0, 50.0, 51.0, 2000.0}) {
        TrackerBench bench(settings_with(16, interval));
        std::array<double, 16> last{};
        std::array<int, 16> asked{};
        last.fill(-1e9);
        for (std::uint64_t slot = 3; slot < 600; ++slot) {
            bench.now_ms += interval;
            if (slot % 7 == 0 || (slot > 100 && slot < 113)) continue;
            for (const Echo& echo : bench.send(slot)) {
                const std::size_t i = echo.to.v4().value - 0xc6120001U;
                INFO("interval " << interval << " reflector " << i);
                CHECK(bench.now_ms - last[i] > 49.999);
                last[i] = bench.now_ms;
                ++asked[i];
            }
            (void)bench.close();
        }
        CHECK(*std::min_element(asked.begin(), asked.end()) > 0);
    }
}

TEST_CASE("after missed slots the reflectors are spread over the turn again") {
    TrackerBench bench(settings_with(3, 5));
    for (std::uint64_t slot = 0; slot < 400; ++slot) {
        bench.now_ms += 5;
        if (slot >= 100 && slot < 108) continue;
        CHECK((bench.send(slot).size() <= 1 || slot == 108));
        (void)bench.close();
    }
}
