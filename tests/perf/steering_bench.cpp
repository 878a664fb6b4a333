// Cost of a decision: one decide() with every kind of slot among them.
#include <benchmark/benchmark.h>

#include <cstdint>

#include "steering/decide/cycle_readings.hpp"
#include "steering/decide/steering_decider.hpp"
#include "steering/decision_record.hpp"
#include "tests/perf/benchmarks.hpp"
#include "tests/perf/percentiles.hpp"

namespace {

using namespace wanctl;
using namespace wanctl::perf;
using namespace wanctl::steering;

constexpr Nanos kTarget = std::chrono::microseconds(1);

// Both lines at 20 Hz: idle, congested, silent and in a blackout in turn, with late records.
class Lines {
  public:
    DecideInput next() {
        const std::uint64_t i = i_++;
        now_ += Nanos(50'000'000) * (i % 97 == 0 ? 3 : 1);
        const std::uint64_t phase = i / 900 % 5;
        DecideInput input;
        input.now = now_;
        input.source = {SourceState::live, SourceState::live};
        if (phase != 3) input.reading[0] = readings_[0].take(record(i, phase));
        input.reading[1] = readings_[1].take(record(i, phase == 2 ? 1 : 0));
        return input;
    }

  private:
    CycleRecord record(std::uint64_t i, std::uint64_t phase) {
        CycleRecord out;
        out.mono_ns = now_.time_since_epoch().count();
        out.interval_ns = 50'000'000;
        out.fresh = i % 53 != 0 ? 1 : 0;
        out.measurement = static_cast<std::uint8_t>(phase == 4 ? MeasurementState::blackout
                                                               : MeasurementState::fresh);
        const bool red = phase == 1;
        out.delta_ns = red ? 130'000'000 : 3'000'000;
        out.direction[0].zone = static_cast<std::uint8_t>(red ? Zone::red : Zone::green);
        const auto age = static_cast<std::int64_t>(i % 5) * 50'000'000;
        out.queue[0] = {0, 0, red ? i : 0, age, 0, red ? 70U : 0U};
        out.queue[1] = {0, 0, 0, age, 0, 0};
        return out;
    }

    std::uint64_t i_ = 0;
    SteadyTime now_{std::chrono::hours(1)};
    std::array<CycleReadings, 2> readings_;
};

void print_percentiles() {
    const SystemClock clock;
    const Nanos cost = clock_cost(clock);
    fmt::print("clock look {} ns, taken off each sample\n", cost.count());
    SteeringDecider decider(SteeringConfig{}, SteadyTime{});
    Lines lines;
    DecideInput input;
    std::vector<Nanos> samples;
    constexpr int kSamples = 200'000;
    samples.reserve(kSamples);
    for (int i = 0; i < kSamples; ++i) {
        input = lines.next();
        const SteadyTime before = clock.steady();
        benchmark::DoNotOptimize(decider.decide(input));
        samples.push_back(clock.steady() - before);
    }
    report("steering decide(), two lines", std::move(samples), cost, kTarget);
}

void decide(benchmark::State& state) {
    SteeringDecider decider(SteeringConfig{}, SteadyTime{});
    Lines lines;
    for (auto _ : state) benchmark::DoNotOptimize(decider.decide(lines.next()));
}
BENCHMARK(decide);

}  // namespace

int main(int argc, char** argv) {
    if (!wanctl::perf::run_benchmarks(argc, argv)) return 64;
    print_percentiles();
    return 0;
}
