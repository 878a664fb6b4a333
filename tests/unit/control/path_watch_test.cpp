#include "autorate/control/path_watch.hpp"

#include <cmath>

#include "autorate/control/wan_controller.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/control/control_fixture.hpp"

using namespace wanctl;
using namespace wanctl::autorate;

namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Nanos kEscape = seconds(300);

AutorateConfig config(milliseconds interval = milliseconds(50)) {
    AutorateConfig out = cable_config(interval);
    out.load_time_constant = std::chrono::duration<double>(0.1);
    out.reference = every_mend();
    return out;
}

// The law on a line whose round trip is a function of time, no slot missing.
class Line {
  public:
    explicit Line(const AutorateConfig& config) : interval_(config.interval), law_(config) {}

    template <typename Rtt>
    Line& run(Nanos duration, Rtt rtt_ms) {
        const Nanos begin = slot_ * interval_;
        while (slot_ * interval_ < begin + duration) {
            const double since = to_seconds(slot_ * interval_ - begin);
            last_ = law_.step({slot_++, Millis(rtt_ms(since)), {}});
            highest_ = std::max(highest_, last_.baseline);
        }
        return *this;
    }
    Line& stand(Nanos duration, double rtt_ms) {
        return run(duration, [rtt_ms](double) { return rtt_ms; });
    }
    [[nodiscard]] double baseline() const { return last_.baseline.count(); }
    [[nodiscard]] double highest_baseline() const { return highest_.count(); }
    [[nodiscard]] const Decision& decision() const { return last_; }

  private:
    Nanos interval_;
    WanController law_;
    std::int64_t slot_ = 0;
    Decision last_;
    Millis highest_{};
};

}  // namespace

TEST_CASE("a path 15 ms longer becomes the baseline, after the escape time and not before") {
    for (const int ms : {5, 20, 50, 100}) {
        Line line(config(milliseconds(ms)));
        line.stand(minutes(1), 25).stand(kEscape - milliseconds(ms), 40);
        CAPTURE(ms);
        CHECK(line.baseline() == Approx(25).margin(0.1));
        line.stand(milliseconds(ms), 40);
        CHECK(line.baseline() == 40);
    }
}

TEST_CASE("a path 30 ms longer leaves the floors when it is learnt") {
    Line line(config());
    line.stand(minutes(1), 25).stand(seconds(250), 55);
    CHECK(line.decision().direction[0].zone == Zone::yellow);
    CHECK(line.decision().direction[0].rate == 350_mbit);
    line.stand(seconds(60), 55);
    CHECK(line.decision().direction[0].zone == Zone::green);
    CHECK(line.decision().direction[0].rate == 940_mbit);
}

TEST_CASE("a longer path that jitters is learnt too") {
    Line line(config());
    int i = 0;
    const auto jitter = [&i](double) { return 40.0 + static_cast<double>(i++ * 7919 % 60) / 10; };
    line.stand(minutes(1), 25).run(kEscape + minutes(5), jitter);
    CHECK(line.baseline() == Approx(43).margin(1.0));
}

TEST_CASE("a load of 58 ms for half a minute is not learnt, however it comes and goes") {
    const auto rising = [](double s) { return 25 + 58 * std::min(s / 30, 1.0); };
    Line line(config());
    for (int times = 0; times < 20; ++times) {
        line.run(seconds(30), rising).stand(seconds(10), 83).stand(seconds(5), 25);
    }
    CHECK(line.highest_baseline() < 25.5);
    Line stepping(config());
    for (int times = 0; times < 20; ++times) {
        stepping.stand(seconds(30), 83).stand(seconds(2), 25);
    }
    CHECK(stepping.highest_baseline() < 25.5);
}

TEST_CASE("a queue that empties once in five minutes is load") {
    Line line(config());
    for (int times = 0; times < 20; ++times) {
        line.stand(kEscape - seconds(1), 60).stand(milliseconds(50), 25);
    }
    CHECK(line.highest_baseline() < 25.5);
}

TEST_CASE("without the mend a longer path is never learnt") {
    AutorateConfig off = config();
    off.reference.baseline_escape = Nanos(0);
    Line line(off);
    line.stand(minutes(1), 25).stand(minutes(60), 40);
    CHECK(line.baseline() == Approx(25).margin(0.1));
}

TEST_CASE("a path that becomes shorter again is learnt within seconds") {
    Line line(config());
    line.stand(kEscape + minutes(2), 60);
    REQUIRE(line.baseline() == 60);
    line.stand(seconds(2), 25);
    CHECK(line.baseline() > 55);
    line.stand(milliseconds(1050), 25);
    CHECK(line.baseline() == Approx(25).margin(0.5));
}

TEST_CASE("silence is no evidence of a longer path") {
    PathWatch watch(kEscape, Millis(3));
    for (int i = 0; i < 299; ++i) {
        REQUIRE_FALSE(watch.observe(Millis(40), Millis(25), minutes(10)));
    }
    CHECK(watch.longer_for() == seconds(299));
    CHECK(watch.observe(Millis(41), Millis(25), minutes(10)) == Millis(40));
}

TEST_CASE("one near round trip begins the escape anew") {
    PathWatch watch(seconds(10), Millis(3));
    for (int i = 0; i < 9; ++i) {
        CHECK_FALSE(watch.observe(Millis(40), Millis(25), seconds(1)));
    }
    CHECK_FALSE(watch.observe(Millis(28), Millis(25), seconds(1)));
    CHECK(watch.longer_for() == Nanos(0));
    CHECK_FALSE(watch.observe(Millis(50), Millis(25), seconds(1)));
    CHECK(watch.least() == Millis(50));
}

TEST_CASE("a path beyond the bounds leaves the baseline where it is, and says so") {
    AutorateConfig bounded = config();
    bounded.baseline.max = Millis(39);
    Line line(bounded);
    line.stand(minutes(1), 25).stand(kEscape - milliseconds(50), 40);
    CHECK(line.decision().law.baseline == BaselineState::held);
    line.stand(milliseconds(50), 40);
    CHECK(line.decision().law.baseline == BaselineState::out_of_bounds);
    CHECK(line.baseline() == Approx(25).margin(0.1));
}

TEST_CASE("the bounds that a file does not name suit the line: LTE at 80 ms, fibre at 3 ms") {
    for (const double initial : {80.0, 3.0}) {
        AutorateConfig of_line = config();
        of_line.baseline.initial = Millis(initial);
        of_line.baseline.min = Millis(initial / 4);
        of_line.baseline.max = Millis(initial * 4);
        Line line(of_line);
        line.stand(kEscape * 2, initial * 3);
        CHECK(line.baseline() == Approx(initial * 3));
        line.stand(kEscape * 2, initial / 3);
        CHECK(line.baseline() == Approx(initial / 3));
    }
}
