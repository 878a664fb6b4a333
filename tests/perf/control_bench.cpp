// Cost of the law: one step() with every kind of slot among them. Google Benchmark gives the mean;
// the percentiles come from timing each step by itself, and have the target of the design.
#include <benchmark/benchmark.h>

#include <cstdint>

#include "autorate/control/wan_controller.hpp"
#include "tests/perf/benchmarks.hpp"
#include "tests/perf/percentiles.hpp"
#include "tests/unit/control/control_fixture.hpp"

namespace {

using namespace wanctl;
using namespace wanctl::perf;

constexpr Nanos kTarget = std::chrono::microseconds(1);

// Goes through all zones, with missed slots and slots without an answer.
class Series {
  public:
    autorate::SlotInput next() {
        const std::uint64_t i = i_++;
        slot_ += i % 97 == 0 ? 3 : 1;
        autorate::SlotInput input{slot_, std::nullopt, {Rate{800'000'000}, Rate{30'000'000}}};
        const std::uint64_t phase = i / 200 % 5;  // idle, YELLOW, SOFT_RED, RED, idle
        const double delay_ms = phase == 4 ? 0.0 : static_cast<double>(phase) * 35.0;
        if (i % 53 != 0) input.rtt = Millis(25.0 + delay_ms + static_cast<double>(i % 7) * 0.3);
        return input;
    }

  private:
    std::uint64_t i_ = 0;
    std::int64_t slot_ = 0;
};

// Every mend on, Hampel with its window too.
AutorateConfig mended() {
    AutorateConfig config = cable_config();
    config.reference = every_mend();
    config.reference.hampel = true;
    return config;
}

void print_percentiles() {
    const SystemClock clock;
    const Nanos cost = clock_cost(clock);
    fmt::print("clock look {} ns, taken off each sample\n", cost.count());
    autorate::WanController controller(mended());
    Series series;
    report("step() of both directions",
           timed(clock, [&] { benchmark::DoNotOptimize(controller.step(series.next())); }), cost,
           kTarget);
}

void step(benchmark::State& state) {
    autorate::WanController controller(mended());
    Series series;
    for (auto _ : state) benchmark::DoNotOptimize(controller.step(series.next()));
}
BENCHMARK(step);

}  // namespace

int main(int argc, char** argv) {
    if (!wanctl::perf::run_benchmarks(argc, argv)) return 64;
    print_percentiles();
    return 0;
}
