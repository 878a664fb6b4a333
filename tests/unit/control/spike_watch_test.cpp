#include "autorate/control/spike_watch.hpp"

#include "autorate/control/wan_controller.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/control/control_fixture.hpp"

using namespace wanctl;
using namespace wanctl::autorate;

namespace {

using std::chrono::milliseconds;

AutorateConfig config(milliseconds interval = milliseconds(50)) {
    AutorateConfig out = cable_config(interval);
    out.load_time_constant = std::chrono::duration<double>(0.1);
    out.reference.no_rise_while_congested = true;
    out.reference.accel_confirm = milliseconds(150);
    return out;
}

// The law on a calm line, then on what it is given.
class Line {
  public:
    explicit Line(const AutorateConfig& config) : law_(config) { stand(100, 25); }

    const Decision& sample(double rtt_ms) {
        last_ = law_.step({slot_++, Millis(rtt_ms), {}});
        spikes_ += last_.law.spike ? 1 : 0;
        return last_;
    }
    const Decision& stand(int samples, double rtt_ms) {
        for (int i = 0; i < samples; ++i) {
            sample(rtt_ms);
        }
        return last_;
    }
    [[nodiscard]] int spikes() const { return spikes_; }

  private:
    WanController law_;
    std::int64_t slot_ = 0;
    int spikes_ = 0;
    Decision last_;
};

}  // namespace

TEST_CASE("a spike that lasts cuts both rates once, as RED would, when it is confirmed") {
    AutorateConfig off = config();
    off.reference.accel_confirm = Nanos(0);
    Line line(config());
    Line reference(off);
    // To 60 ms: 17.5 ms of rise in the first 50 ms, and never more than YELLOW.
    CHECK(line.stand(2, 60).direction[0].rate == reference.stand(2, 60).direction[0].rate);
    const Decision confirmed = line.sample(60);
    reference.sample(60);
    CHECK(confirmed.law.spike);
    CHECK(confirmed.direction[0].zone == Zone::yellow);
    CHECK(confirmed.direction[0].rate ==
          scaled(scaled(scaled(scaled(940_mbit, 0.96), 0.96), 0.96), 0.85));
    CHECK(confirmed.direction[1].rate < 38_mbit);
    const Decision after = line.stand(10, 60);
    CHECK(line.spikes() == 1);
    // What follows is the zone's own decay again.
    const double ahead = static_cast<double>(after.direction[0].rate.bps) /
                         static_cast<double>(reference.stand(10, 60).direction[0].rate.bps);
    CHECK(ahead == Approx(0.85).epsilon(0.001));
}

TEST_CASE("a lone late reply is no spike, however late, and two are none either") {
    Line line(config());
    for (int i = 0; i < 50; ++i) {
        line.sample(425);
        line.stand(20, 25);
        line.stand(2, 425);
        line.stand(20, 25);
    }
    CHECK(line.spikes() == 0);
}

TEST_CASE("a slow rise is no spike") {
    Line line(config());
    for (int i = 0; i < 100; ++i) {
        line.sample(25.0 + i);
    }
    CHECK(line.spikes() == 0);
}

TEST_CASE("a spike below target cuts nothing") {
    AutorateConfig lenient = config();
    lenient.thresholds.target = Millis(60);
    lenient.thresholds.warn = Millis(70);
    Line line(lenient);
    CHECK(line.stand(20, 70).direction[0].rate == 940_mbit);
    CHECK(line.spikes() == 0);
}

TEST_CASE("a spike does not cut below the floor of its zone") {
    Line line(config());
    line.stand(60, 50);
    const Rate floor = line.stand(1, 50).direction[0].rate;
    REQUIRE(floor == 350_mbit);
    line.stand(3, 25);
    line.stand(3, 66);
    CHECK(line.spikes() == 1);
    CHECK(line.sample(66).direction[0].rate >= 350_mbit);
}

TEST_CASE("a rise that goes on is a new spike after another confirmation") {
    Line line(config());
    int first = 0;
    for (int i = 0; i < 12; ++i) {
        line.sample(25.0 + 40.0 * (i + 1));
        first = line.spikes() == 1 && first == 0 ? i : first;
    }
    CHECK(first > 0);
    CHECK(line.spikes() >= 2);
    CHECK(line.spikes() <= 4);
}

TEST_CASE("a spike is confirmed alike at 5, 20, 50 and 100 ms") {
    for (const double rtt_ms : {57.0, 65.0, 100.0}) {
        for (const int ms : {5, 20, 50, 100}) {
            const AutorateConfig of_interval = config(milliseconds(ms));
            SpikeWatch watch(of_interval.thresholds.accel, of_interval.reference.accel_confirm,
                             of_interval.load_time_constant, of_interval.interval);
            RttTracker rtt(of_interval.baseline, of_interval.load_time_constant);
            const Cycles elapsed(of_interval.interval);
            std::int64_t samples = 0;
            watch.observe(Millis(25), Millis(25), of_interval.interval);
            do {
                ++samples;
                REQUIRE(samples < 1000);
                rtt.update(Millis(rtt_ms), elapsed);
            } while (!watch.observe(Millis(rtt_ms), rtt.load(), of_interval.interval));
            CAPTURE(rtt_ms, ms, samples);
            CHECK(std::abs(to_ms(samples * of_interval.interval) - 150) <= std::max(ms, 50));
        }
    }
}

TEST_CASE("without the mend a spike does nothing") {
    SpikeWatch off(Millis(15), Nanos(0), std::chrono::duration<double>(0.1), kReferenceCycle);
    for (int i = 0; i < 10; ++i) {
        CHECK_FALSE(off.observe(Millis(25 + 100 * i), Millis(25 + 50 * i), kReferenceCycle));
    }
}
