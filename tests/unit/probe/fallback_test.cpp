#include "autorate/probe/fallback.hpp"

#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::probe;

namespace {

FallbackConfig config_with(FallbackMode mode) {
    FallbackConfig config;
    config.mode = mode;
    config.gateway = "198.18.0.1";
    return config;
}

CheckOutcome outcome(std::optional<double> gateway_ms, std::optional<double> a_ms = {},
                     std::optional<double> b_ms = {}) {
    CheckOutcome out;
    if (gateway_ms) out.gateway = from_ms(*gateway_ms);
    if (a_ms) out.tcp[0] = from_ms(*a_ms);
    if (b_ms) out.tcp[1] = from_ms(*b_ms);
    return out;
}

// A fallback whose slots of 50 ms are closed by the test.
class Bench {
  public:
    explicit Bench(FallbackMode mode, std::size_t targets = 2)
        : fallback(config_with(mode), targets) {}

    Fallback fallback;
    double now_s = 0;
    int rounds = 0;
    SlotResult last;

    [[nodiscard]] SteadyTime now() const { return SteadyTime(from_ms(now_s * 1e3)); }
    // True when a round begins.
    bool slot(MeasurementState state, std::optional<double> rtt_ms = {},
              SampleSource source = SampleSource::reply) {
        now_s += 0.05;
        last = {};
        last.state = state;
        last.source = source;
        if (rtt_ms) last.rtt = from_ms(*rtt_ms);
        const bool begins = fallback.at_close(now(), from_ms(33), last);
        rounds += begins ? 1 : 0;
        return begins;
    }
    bool fresh(double rtt_ms = 20) { return slot(MeasurementState::fresh, rtt_ms); }
    bool blind() { return slot(MeasurementState::blind); }
    void ended(const CheckOutcome& found) { fallback.round_ended(now(), found); }
    void learn(double tcp_ms, double icmp_ms) {
        for (int i = 0; i < 20 * 61; ++i) {
            if (fresh(icmp_ms)) return ended(outcome({}, tcp_ms));
        }
        FAIL("no lesson");
    }
};

}  // namespace

TEST_CASE("while reflectors answer there is a lesson a minute, and none in mode freeze") {
    const auto mode = GENERATE(FallbackMode::graceful_degradation, FallbackMode::freeze);
    Bench bench(mode);
    for (int i = 0; i < 20 * 60 * 5; ++i) {
        if (bench.fresh()) bench.ended(outcome({}, 30));
    }
    CHECK(bench.rounds == (mode == FallbackMode::freeze ? 0 : 5));
    CHECK(bench.last.fallback == FallbackState::off);
}

TEST_CASE("while the line is blind there is a round a second at most") {
    Bench bench(FallbackMode::freeze);
    for (int i = 0; i < 200; ++i) {
        if (bench.blind()) bench.ended(outcome({}));
    }
    CHECK(bench.rounds == 10);
    CHECK(bench.last.fallback == FallbackState::dead);
    CHECK_FALSE(bench.last.rtt);
}

TEST_CASE("no round begins before the one before has ended") {
    Bench bench(FallbackMode::freeze);
    for (int i = 0; i < 200; ++i) (void)bench.blind();
    CHECK(bench.rounds == 1);
}

TEST_CASE("TCP stands in less the smallest offset it ever showed, each round once") {
    Bench bench(FallbackMode::graceful_degradation);
    bench.learn(90, 20);
    bench.learn(31, 20);
    bench.learn(45, 20);
    CHECK(bench.last.tcp_offset_us == 70'000 - 59'000);
    while (!bench.blind()) {
    }
    bench.ended(outcome(1, 61));
    (void)bench.blind();
    REQUIRE(bench.last.rtt);
    CHECK(to_ms(*bench.last.rtt) == Approx(50));
    CHECK(bench.last.source == SampleSource::tcp);
    CHECK(bench.last.fallback == FallbackState::tcp);
    CHECK(bench.last.tcp_rtt_us == 61'000);
    (void)bench.blind();
    CHECK_FALSE(bench.last.rtt);
    // Beyond max_s too: the line is alive.
    (void)bench.slot(MeasurementState::blackout);
    CHECK(bench.last.state == MeasurementState::blind);
}

TEST_CASE("late replies keep the fallback from beginning, and nothing is learnt beside them") {
    Bench bench(FallbackMode::graceful_degradation);
    bench.learn(31, 20);
    CHECK(bench.last.tcp_offset_us == kUnknownUs);
    (void)bench.fresh();
    CHECK(bench.last.tcp_offset_us == 11'000);
    // A lesson that is due comes, but is not believed: TCP was as late as they.
    bench.rounds = 0;
    for (int i = 0; i < 20 * 90; ++i) {
        const bool begins = bench.slot(MeasurementState::fresh, 2400, SampleSource::late);
        CHECK(bench.last.fallback == FallbackState::off);
        if (begins) bench.ended(outcome({}, 21, 2500));
    }
    CHECK(bench.rounds == 1);
    CHECK(bench.last.tcp_offset_us == 11'000);
}

TEST_CASE("without an offset, or in mode freeze, TCP only tells that the line lives") {
    const auto mode = GENERATE(FallbackMode::graceful_degradation, FallbackMode::freeze);
    Bench bench(mode);
    REQUIRE(bench.blind());
    bench.ended(outcome({}, 30, 40));
    (void)bench.slot(MeasurementState::blackout);
    CHECK(bench.last.fallback == FallbackState::tcp_frozen);
    CHECK_FALSE(bench.last.rtt);
    CHECK(bench.last.state == MeasurementState::blackout);
}

TEST_CASE("a target at another address begins without an offset") {
    Bench bench(FallbackMode::graceful_degradation);
    bench.learn(25, 20);
    for (int i = 0; i < 20; ++i) bench.blind();
    CheckOutcome moved = outcome({}, 90);
    moved.moved = 0b01;
    bench.ended(moved);
    bench.blind();
    CHECK(bench.last.fallback == FallbackState::tcp_frozen);
    CHECK_FALSE(bench.last.rtt);
    // The other target's offset is its own, and stays.
    Bench other(FallbackMode::graceful_degradation);
    other.learn(25, 20);
    for (int i = 0; i < 20; ++i) other.blind();
    moved.moved = 0b10;
    other.ended(moved);
    other.blind();
    CHECK(other.last.fallback == FallbackState::tcp);
    CHECK(other.last.rtt == from_ms(85));
}

TEST_CASE("a gateway alone is named, and an answer does not stand for ever") {
    Bench bench(FallbackMode::graceful_degradation);
    REQUIRE(bench.blind());
    bench.ended(outcome(2));
    (void)bench.blind();
    CHECK(bench.last.fallback == FallbackState::gateway_only);
    CHECK(bench.last.gateway_rtt_us == 2'000);
    for (int i = 0; i < 60; ++i) (void)bench.blind();  // the next round does not end
    CHECK(bench.last.fallback == FallbackState::dead);
}

TEST_CASE("a lesson that ends on a blind line teaches nothing, and the next round may come") {
    Bench bench(FallbackMode::graceful_degradation);
    while (!bench.fresh()) {
    }
    (void)bench.blind();
    bench.ended(outcome({}, 900));
    CHECK(bench.last.tcp_offset_us == kUnknownUs);
    int slots = 0;
    while (!bench.blind()) ++slots;
    CHECK(slots < 21);
}

TEST_CASE("the reference's last resort feeds the average again while anything answers") {
    Bench bench(FallbackMode::use_last_rtt);
    REQUIRE(bench.blind());
    CHECK_FALSE(bench.last.rtt);
    bench.ended(outcome(2));
    for (int i = 0; i < 3; ++i) {
        (void)bench.blind();
        REQUIRE(bench.last.rtt);
        CHECK(to_ms(*bench.last.rtt) == Approx(33));
        CHECK(bench.last.source == SampleSource::last);
    }
}

TEST_CASE("with nothing to ask nothing is asked") {
    Fallback fallback(FallbackConfig{}, 0);
    for (int i = 0; i < 100; ++i) {
        SlotResult result;
        result.state = MeasurementState::blind;
        CHECK_FALSE(fallback.at_close(SteadyTime(from_ms(50.0 * i)), {}, result));
        CHECK(result.fallback == FallbackState::off);
    }
}
