// Replies after the timeout: a line that is merely full is not taken for a dead one.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <vector>

#include "autorate/probe/slot_tracker.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/counting_new.hpp"
#include "tests/unit/probe/tracker_bench.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

TrackerSettings late_settings(std::uint8_t reflectors, double interval_ms = 50) {
    TrackerSettings settings = settings_with(reflectors, interval_ms);
    settings.late_until = kLongestRoundTrip;
    return settings;
}

constexpr double kLost = -1;

// A line on which an echo to reflector i takes as long as the function says when it is sent.
class Line {
  public:
    using Delay = std::function<double(const Echo&)>;

    explicit Line(const TrackerSettings& settings)
        : bench(settings), interval_ms_(to_ms(settings.interval)) {
        under_way_.reserve(100'000);
    }

    TrackerBench bench;
    SlotResult last;

    SlotResult slot(const Delay& delay_ms) {
        for (const Echo& echo : bench.tracker.open_slot(++slot_, bench.now())) {
            bench.tracker.transmit_stamp(echo.number, bench.wall(bench.now_ms));
            const double delay = delay_ms(echo);
            if (delay < 0) continue;
            under_way_.push_back({bench.now_ms + delay, echo});
            std::push_heap(under_way_.begin(), under_way_.end(), later);
        }
        const double end = bench.now_ms + interval_ms_;
        while (!under_way_.empty() && under_way_.front().at <= end) {
            bench.now_ms = under_way_.front().at;
            bench.reply(under_way_.front().echo);
            std::pop_heap(under_way_.begin(), under_way_.end(), later);
            under_way_.pop_back();
        }
        bench.now_ms = end;
        last = bench.close();
        ++seen[static_cast<std::size_t>(last.state)];
        lost += last.lost;
        late += last.late;
        return last;
    }
    void slots(int count, const Delay& delay_ms) {
        for (int i = 0; i < count; ++i) (void)slot(delay_ms);
    }
    void slots(int count, double delay_ms) {
        slots(count, [delay_ms](const Echo&) { return delay_ms; });
    }
    // Everything that is under way arrives as soon as the next slot begins.
    void burst() {
        for (Reply& reply : under_way_) reply.at = bench.now_ms;
        std::make_heap(under_way_.begin(), under_way_.end(), later);
    }
    [[nodiscard]] std::size_t seen_as(MeasurementState state) const {
        return seen[static_cast<std::size_t>(state)];
    }

    std::array<std::size_t, 4> seen{};
    std::uint64_t lost = 0;
    std::uint64_t late = 0;

  private:
    struct Reply {
        double at;
        Echo echo;
    };
    static bool later(const Reply& a, const Reply& b) {
        return a.at > b.at || (a.at == b.at && a.echo.number > b.echo.number);
    }
    double interval_ms_;
    std::uint64_t slot_ = 0;
    std::vector<Reply> under_way_;
};

}  // namespace

TEST_CASE("a line with a queue longer than the timeout is measured by its late replies") {
    for (const double interval : {5.0, 50.0, 2000.0}) {
        INFO(interval << " ms");
        Line line(late_settings(3, interval));
        line.slots(static_cast<int>(3000 / interval) + 2, 2400);
        line.seen = {};
        for (int i = 0; i < 400; ++i) {
            line.slots(1, 2400);
            if (!line.last.rtt) continue;
            CHECK(*line.last.rtt == from_ms(2400));
            CHECK(line.last.source == SampleSource::late);
            CHECK(line.last.active == 0b111);
        }
        CHECK(line.seen_as(MeasurementState::fresh) >= 110);
        CHECK(line.seen_as(MeasurementState::blind) == 0);
        CHECK(line.seen_as(MeasurementState::blackout) == 0);
        CHECK_FALSE(line.bench.tracker.take_change());
        CHECK_FALSE(line.bench.tracker.take_accusation());
        // In the counts each of them is lost, and late.
        line.slots(static_cast<int>(4000 / interval) + 1, kLost);
        CHECK(line.late > 0);
        CHECK(line.lost > line.late);
    }
}

TEST_CASE("a daemon that begins on such a line has its first sample a slot after the first reply") {
    Line line(late_settings(3));
    line.slots(48, 2400);
    CHECK(line.seen_as(MeasurementState::fresh) == 0);
    CHECK(line.last.state == MeasurementState::blind);
    CHECK(line.last.late == 3);
    line.slots(1, 2400);
    CHECK(line.last.state == MeasurementState::fresh);
    CHECK(line.last.rtt == from_ms(2400));
}

TEST_CASE("a queue that grows beyond the timeout and drains again is followed all the way") {
    TrackerSettings settings = late_settings(3);
    settings.blocked_after = std::chrono::milliseconds(80);
    Line line(settings);
    line.slots(100, 20);
    line.seen = {};
    double delay = 20;
    double longest = 0;
    const auto follow = [&](double step) {
        delay += step;
        line.slots(1, [&](const Echo& echo) { return delay + echo.reflector; });
        if (line.last.source == SampleSource::pending || !line.last.rtt) return;
        longest = std::max(longest, to_ms(*line.last.rtt));
        // What arrives now was sent up to its own delay ago.
        CHECK(std::abs(to_ms(*line.last.rtt) - delay) < 0.3 * delay + 30);
    };
    while (delay < 3000) follow(10);
    while (delay > 60) follow(-10);
    line.slots(20, 20);
    CHECK(line.last.source == SampleSource::reply);
    CHECK(longest > 2900);
    CHECK(line.seen_as(MeasurementState::blind) == 0);
    CHECK(line.seen_as(MeasurementState::blackout) == 0);
    CHECK(line.late > 300);
    // Nobody is to blame, and what is usual was not learnt from it.
    line.slots(200, 20);
    CHECK_FALSE(line.bench.tracker.take_accusation());
    CHECK(line.last.lying == 0);
}

TEST_CASE("one old reply after an outage is no sample, and the first reply in time ends it") {
    Line line(late_settings(3));
    line.slots(20, 20);
    line.slots(1, kLost);
    line.slots(1, [](const Echo& echo) { return echo.reflector == 0 ? 4975 : kLost; });
    line.slots(98, kLost);
    CHECK(line.last.state == MeasurementState::blind);
    line.late = 0;
    line.slots(30, kLost);
    CHECK(line.late == 1);
    CHECK(line.seen_as(MeasurementState::fresh) == 20);
    CHECK(line.last.state == MeasurementState::blind);
    line.slots(1, [](const Echo& echo) { return echo.reflector == 1 ? 20 : kLost; });
    CHECK(line.last.state == MeasurementState::fresh);
    CHECK(line.last.rtt == from_ms(20));
}

TEST_CASE("when an outage ends and all that waited arrives at once, the newest echo counts") {
    Line line(late_settings(3));
    line.slots(20, 20);
    line.slots(100, 8000);
    CHECK(line.last.state == MeasurementState::blind);
    line.burst();
    line.slots(1, 20);
    CHECK(line.last.state == MeasurementState::fresh);
    CHECK(line.last.source == SampleSource::reply);
    CHECK(line.last.rtt == from_ms(20));
    CHECK(line.last.late > 200);
}

TEST_CASE("a reflector that alone answers late gives no sample, and is demoted as before") {
    for (const std::uint8_t count : {std::uint8_t{2}, std::uint8_t{3}}) {
        Line line(late_settings(count));
        line.slots(20, 20);
        std::size_t demoted = 0;
        for (int i = 0; i < 60; ++i) {
            line.slots(1, [](const Echo& echo) { return echo.reflector == 1 ? 1500 : 20; });
            CHECK(line.last.rtt == from_ms(20));
            if (const auto change = line.bench.tracker.take_change()) {
                CHECK(change->reflector == 1);
                ++demoted;
            }
        }
        CHECK(line.late > 0);
        CHECK(demoted == 1);
    }
}

TEST_CASE("a reflector that answers too fast is outvoted on a line that is late") {
    Line line(late_settings(3));
    line.slots(60, [](const Echo& echo) { return echo.reflector == 2 ? 1 : 2400; });
    for (int i = 0; i < 40; ++i) {
        line.slots(1, [](const Echo& echo) { return echo.reflector == 2 ? 1 : 2400; });
        CHECK(line.last.rtt == from_ms(2400));
    }
}

TEST_CASE("a late reply that a newer one has overtaken is no sample") {
    Line line(late_settings(1));
    line.slots(1, 1510);
    line.slots(29, 20);
    // It arrives where nothing else does.
    line.slots(2, kLost);
    CHECK(line.late == 1);
    CHECK(line.seen_as(MeasurementState::fresh) == 29);
    CHECK(line.last.state == MeasurementState::none);
}

TEST_CASE("a reply later than is believed possible tells nothing") {
    Line line(late_settings(1));
    line.slots(600, 10001);
    CHECK(line.late > 0);
    CHECK(line.seen_as(MeasurementState::fresh) == 0);
    CHECK(line.last.state == MeasurementState::blackout);
}

TEST_CASE("late replies far apart are no samples, but not a blackout either") {
    Line line(late_settings(1));
    line.slots(20, 20);
    for (int i = 0; i < 20; ++i) {
        line.slots(1, 3010);
        line.slots(59, kLost);
    }
    CHECK(line.late > 15);
    CHECK(line.seen_as(MeasurementState::fresh) == 20);
    CHECK(line.seen_as(MeasurementState::blackout) == 0);
    line.slots(200, kLost);
    CHECK(line.last.state == MeasurementState::blackout);
}

TEST_CASE("a second reply to an echo that was answered late is a duplicate") {
    TrackerBench bench(late_settings(1));
    const Sent sent = bench.send(1);
    bench.now_ms += 1500;
    (void)bench.close();
    bench.reply(sent[0]);
    bench.reply(sent[0]);
    const SlotResult result = bench.close();
    CHECK(result.late == 1);
    CHECK(result.duplicate == 1);
    CHECK(result.lost == 0);
}

TEST_CASE("a wall clock that is stepped while echoes wait beyond the timeout costs their samples") {
    Line line(late_settings(3));
    line.slots(60, 2400);
    REQUIRE(line.last.rtt);
    for (const double step : {3.6e6, -3.6e6}) {
        line.bench.wall_ahead_ms += step;
        line.seen = {};
        for (int i = 0; i < 47; ++i) {
            line.slots(1, 2400);
            CHECK_FALSE(line.last.rtt);
            CHECK(line.last.malformed == 3);
        }
        // Those sent after the step are as good as ever, from the second on.
        line.slots(3, 2400);
        CHECK(line.last.rtt == from_ms(2400));
        CHECK(line.seen_as(MeasurementState::blackout) == 0);
    }
}

TEST_CASE("sixteen reflectors at 200 Hz, nine seconds late, cost no allocation and are not mixed") {
    TrackerSettings settings = late_settings(16, 5);
    settings.per_reflector_hz = 200;
    Line line(settings);
    const Line::Delay delay = [](const Echo& echo) { return 9000.0 + echo.reflector; };
    line.slots(1900, delay);
    std::uint64_t used = 0;
    for (int i = 0; i < 30; ++i) {
        const std::uint64_t before = allocations();
        (void)line.slot(delay);
        used += allocations() - before;
        REQUIRE(line.last.rtt);
        CHECK(*line.last.rtt == from_ms(9007.5));
        for (std::uint8_t r = 0; r < 16; ++r) {
            CHECK(line.last.reflector_rtt_us[r] == 9'000'000 + 1000 * r);
        }
    }
    CHECK(used == 0);
}

TEST_CASE("echoes with the same sequence number, 65536 apart, are told from each other") {
    TrackerBench bench(late_settings(16, 5));
    Echo first;
    Echo second;
    for (std::uint64_t slot = 1; bench.now_ms < 1e6 && second.number == 0; ++slot) {
        for (const Echo& echo : bench.send(slot)) {
            if (echo.number == 100) first = echo;
            if (echo.number == 100 + 65536) second = echo;
        }
        bench.now_ms += 5;
        (void)bench.close();
    }
    REQUIRE(second.number - first.number == 65536);
    REQUIRE(static_cast<std::uint16_t>(second.number) == static_cast<std::uint16_t>(first.number));
    bench.reply(first);
    bench.now_ms += 15;
    bench.reply(second);
    const SlotResult result = bench.close();
    CHECK(result.late == 1);
    CHECK(result.rtt == from_ms(20));
}
