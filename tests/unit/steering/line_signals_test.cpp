#include "steering/decide/line_signals.hpp"

#include "common/reference_cycle.hpp"
#include "steering/decide/assessor.hpp"
#include "steering/decide/confidence.hpp"
#include "steering/decide/cycle_readings.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::steering;
using namespace std::chrono_literals;

namespace {

constexpr SteadyTime kStart{std::chrono::hours(1)};

LineReading delta_at(Nanos at, double delta_ms) {
    LineReading reading;
    reading.at = kStart + at;
    reading.interval = kReferenceCycle;
    reading.delta = from_ms(delta_ms);
    return reading;
}

LineReading queue_at(Nanos at, QueueState worse) {
    LineReading reading = delta_at(at, 1.0);
    reading.queue = QueueReading{reading.at, worse, {}};
    return reading;
}

LineView view(const LineSignals& signals, Nanos at) {
    return signals.view(SourceState::live, kStart + at);
}

LineSignals fresh() {
    return LineSignals(ThreeStateConfig{}, 1s);
}

struct Counters {
    std::uint64_t download = 0;
    std::uint64_t upload = 0;
};

CycleRecord record_at(Nanos at, Nanos queue_age, Counters dropped, std::uint32_t packets = 0) {
    CycleRecord record;
    record.mono_ns = (kStart + at).time_since_epoch().count();
    record.interval_ns = 50'000'000;
    record.measurement = static_cast<std::uint8_t>(MeasurementState::fresh);
    record.fresh = 1;
    record.queue[0] = {0, 0, dropped.download, queue_age.count(), 0, packets};
    record.queue[1] = {0, 0, dropped.upload, queue_age.count(), 0, packets / 2};
    return record;
}

}  // namespace

TEST_CASE("before the first reading nothing is known, and nothing is zero") {
    const LineView line = view(fresh(), 0s);
    CHECK_FALSE(line.delta);
    CHECK_FALSE(line.delta_ewma);
    CHECK_FALSE(line.queue);
    CHECK_FALSE(line.age);
    CHECK(line.silent);
    CHECK(assess(line, ThreeStateConfig{}) == Assessment::unknown);
}

TEST_CASE("the average composes over gaps: one late sample weighs what the missing ones would") {
    LineSignals steady = fresh();
    LineSignals gappy = fresh();
    steady.take(delta_at(0s, 10.0));
    gappy.take(delta_at(0s, 10.0));
    for (int i = 1; i <= 4; ++i) steady.take(delta_at(i * 50ms, 50.0));
    gappy.take(delta_at(200ms, 50.0));
    CHECK(view(gappy, 200ms).delta_ewma->count() ==
          Approx(view(steady, 200ms).delta_ewma->count()).epsilon(1e-12));
}

TEST_CASE("an average that has come down to zero is a value, not a beginning") {
    LineSignals signals = fresh();
    signals.take(delta_at(0s, 0.0));
    signals.take(delta_at(50ms, 100.0));
    CHECK(view(signals, 50ms).delta_ewma->count() == Approx(30.0));
}

TEST_CASE("a slot without an answer moves no average") {
    LineSignals signals = fresh();
    signals.take(delta_at(0s, 10.0));
    LineReading nothing;
    nothing.at = kStart + 50ms;
    nothing.measurement = MeasurementState::none;
    signals.take(nothing);
    CHECK(view(signals, 50ms).delta_ewma->count() == 10.0);
    CHECK(view(signals, 50ms).delta == from_ms(10.0));
}

TEST_CASE("a queue reading holds for three of its intervals, then it is unknown") {
    LineSignals signals = fresh();
    signals.take(queue_at(0ms, {0, 0}));
    signals.take(queue_at(200ms, {4, 70}));
    CHECK(view(signals, 800ms).queue->drops == 4);
    CHECK(view(signals, 800ms).queue->packets == 70);
    CHECK(view(signals, 800ms).queue_age == 600ms);
    const LineView after = view(signals, 801ms);
    CHECK_FALSE(after.queue);
    CHECK_FALSE(after.queue_high);
    CHECK(after.queue_age == 601ms);
}

TEST_CASE("one late reading does not make the next hold for long") {
    LineSignals signals = fresh();
    signals.take(queue_at(0ms, {0, 0}));
    signals.take(queue_at(250ms, {0, 0}));
    signals.take(queue_at(30s, {0, 60}));
    CHECK(view(signals, 30s + 1500ms).queue);
    CHECK_FALSE(view(signals, 30s + 1501ms).queue);
}

TEST_CASE("rising drops and a high queue compare readings, not records") {
    LineSignals signals = fresh();
    signals.take(queue_at(0ms, {0, 60}));
    signals.take(queue_at(250ms, {0, 60}));
    CHECK(view(signals, 250ms).queue_high);
    CHECK_FALSE(view(signals, 250ms).drops_rising);
    for (int i = 1; i < 5; ++i) signals.take(delta_at(250ms + i * 50ms, 1.0));
    CHECK_FALSE(view(signals, 450ms).drops_rising);
    signals.take(queue_at(500ms, {2, 50}));
    CHECK(view(signals, 500ms).drops_rising);
    CHECK_FALSE(view(signals, 500ms).queue_high);
    signals.take(queue_at(750ms, {2, 60}));
    CHECK(view(signals, 750ms).drops_rising);
    signals.take(queue_at(1000ms, {2, 60}));
    CHECK_FALSE(view(signals, 1000ms).drops_rising);
}

TEST_CASE("the first counters only prime: what fell before the start is no drop") {
    CycleReadings readings;
    CHECK_FALSE(readings.take(record_at(0ms, 0ms, {5000, 70})).queue);
    const auto second = readings.take(record_at(250ms, 0ms, {5002, 77})).queue;
    REQUIRE(second);
    CHECK(second->worse.drops == 7);
    CHECK((*second->direction)[0].drops == 2);
    CHECK((*second->direction)[1].drops == 7);
}

TEST_CASE("a record that repeats a reading brings none") {
    CycleReadings readings;
    (void)readings.take(record_at(0ms, 0ms, {0, 0}));
    REQUIRE(readings.take(record_at(250ms, 10ms, {3, 0}, 61)).queue);
    CHECK_FALSE(readings.take(record_at(300ms, 60ms, {3, 0}, 61)).queue);
    CHECK_FALSE(readings.take(record_at(350ms, 110ms, {3, 0}, 61)).queue);
    const auto next = readings.take(record_at(500ms, 10ms, {3, 0}, 40)).queue;
    REQUIRE(next);
    CHECK(next->worse.drops == 0);
    CHECK(next->worse.packets == 40);
    CHECK(next->at == kStart + 490ms);
}

TEST_CASE("counters that went back were reset: no drops are made of them") {
    CycleReadings readings;
    (void)readings.take(record_at(0ms, 0ms, {100, 100}));
    REQUIRE(readings.take(record_at(250ms, 0ms, {101, 100})).queue);
    CHECK_FALSE(readings.take(record_at(500ms, 0ms, {0, 0})).queue);
    const auto after = readings.take(record_at(750ms, 0ms, {2, 0})).queue;
    REQUIRE(after);
    CHECK(after->worse.drops == 2);
}

TEST_CASE("another writer's first record says so and begins everything anew") {
    CycleReadings readings;
    LineSignals signals = fresh();
    for (int i = 0; i < 3; ++i) {
        signals.take(
            readings.take(record_at(i * 250ms, 0ms, {5ULL * static_cast<unsigned>(i), 0}, 80)));
    }
    CHECK(view(signals, 500ms).queue_high);
    readings.restart();
    const LineReading first = readings.take(record_at(1s, 0ms, {9000, 0}, 80));
    CHECK(first.restarted);
    signals.take(first);
    CHECK_FALSE(view(signals, 1s).queue);
    CHECK_FALSE(readings.take(record_at(1050ms, 0ms, {9000, 0}, 80)).restarted);
}

TEST_CASE("RED needs delta, drops and queue; YELLOW needs delta or queue") {
    const ThreeStateConfig config;
    const auto assessed = [&](double ewma, std::optional<QueueState> queue) {
        LineView line;
        line.delta_ewma = Millis(ewma);
        line.queue = queue;
        return assess(line, config);
    };
    CHECK(assessed(15.1, QueueState{1, 50}) == Assessment::red);
    CHECK(assessed(15.0, QueueState{1, 50}) == Assessment::yellow);
    CHECK(assessed(15.1, QueueState{0, 50}) == Assessment::yellow);
    CHECK(assessed(15.1, QueueState{1, 49}) == Assessment::yellow);
    CHECK(assessed(15.1, std::nullopt) == Assessment::yellow);
    CHECK(assessed(15.0, QueueState{9, 9}) == Assessment::green);
    CHECK(assessed(0.0, QueueState{0, 10}) == Assessment::yellow);
    CHECK(assessed(0.0, std::nullopt) == Assessment::green);
}

TEST_CASE("each contributor has its points, and their sum ends at 100") {
    LineView line;
    const auto points = [&](Assessment assessment, bool soft_red = false) {
        return score_of(line, assessment, soft_red).value;
    };
    CHECK(points(Assessment::red) == 50);
    CHECK(points(Assessment::yellow) == 10);
    CHECK(points(Assessment::soft_red, true) == 25);
    CHECK(points(Assessment::soft_red) == 0);
    line.delta = 80ms;
    CHECK(points(Assessment::green) == 0);
    line.delta = 80ms + 1ns;
    CHECK(points(Assessment::green) == 15);
    line.delta = 120ms + 1ns;
    CHECK(points(Assessment::green) == 25);
    line.zone = Zone::soft_red;
    CHECK(points(Assessment::green) == 37);
    line.zone = Zone::red;
    CHECK(points(Assessment::green) == 50);
    line.drops_rising = true;
    CHECK(points(Assessment::green) == 60);
    line.queue_high = true;
    const Score all = score_of(line, Assessment::red, false);
    CHECK(all.value == 100);
    CHECK(all.points[static_cast<std::size_t>(Contributor::wan_red)] == 25);
    CHECK(all.contributors == 0b11101001);
}

TEST_CASE("a line is well only when nothing speaks against it, and may be when it is not known") {
    LineView line;
    line.delta = 9ms;
    const auto well = [&](Assessment assessment = Assessment::green, int score = 20) {
        Score made;
        made.value = score;
        return is_well(line, assessment, made, 20);
    };
    CHECK(well());
    CHECK_FALSE(well(Assessment::yellow));
    CHECK_FALSE(well(Assessment::green, 21));
    line.queue = QueueState{1, 0};
    CHECK_FALSE(well());
    line.queue = QueueState{0, 9};
    CHECK(well());
    line.zone = Zone::yellow;
    CHECK_FALSE(well());
    line.zone = Zone::green;
    line.delta = 10ms;
    CHECK_FALSE(well());
    line.delta.reset();
    CHECK_FALSE(well());
}
