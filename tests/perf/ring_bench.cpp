// Cost of the ring on a real segment: publishing with and without the wake-up call, and reading the
// newest record beside a writer at 10 kHz. Google Benchmark gives the mean; the percentiles come
// from timing each operation by itself, with the cost of the clock taken off, and have the targets
// of the design.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "common/clock.hpp"
#include "common/record/cycle_fields.hpp"
#include "shm/directory.hpp"
#include "shm/segment_reader.hpp"
#include "shm/segment_writer.hpp"

namespace {

using namespace wanctl;
using Writer = shm::SegmentWriter<CycleRecord>;
using Reader = shm::SegmentReader<CycleRecord>;

constexpr int kSamples = 200'000;
constexpr int kWarmUp = 5'000;
constexpr Nanos kTarget{250};
constexpr Nanos kWriterPeriod = std::chrono::microseconds(100);

// A segment of this process, removed at the end.
class Bench {
  public:
    Bench() {
        shm::WriterOptions options;
        options.name = fmt::format("t{}-perf", ::getpid());
        options.stale_after = std::chrono::seconds(60);
        name_ = options.name;
        auto writer = Writer::create(options, cycle_abi(), clock_);
        if (!writer) throw std::runtime_error(writer.error().message);
        writer_.emplace(std::move(*writer));
        auto reader = Reader::attach(name_, cycle_abi(), {});
        if (!reader) throw std::runtime_error(reader.error().text);
        reader_.emplace(std::move(*reader));
    }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;
    ~Bench() {
        std::remove(shm::object_path(name_).c_str());
        std::remove(shm::lock_path(name_).c_str());
    }

    Writer& writer() { return *writer_; }
    const Reader& reader() { return *reader_; }
    [[nodiscard]] const Clock& clock() const { return clock_; }

  private:
    SystemClock clock_;
    std::string name_;
    std::optional<Writer> writer_;
    std::optional<Reader> reader_;
};

// Publishes every 100 us on an absolute schedule until destroyed.
class TenKilohertz {
  public:
    explicit TenKilohertz(Bench& bench) : thread_([this, &bench] { run(bench); }) {}
    ~TenKilohertz() {
        stop_ = true;
        thread_.join();
    }

  private:
    void run(Bench& bench) {
        CycleRecord record;
        SteadyTime next = bench.clock().steady();
        while (!stop_) {
            ++record.slot;
            bench.writer().publish(record);
            next += kWriterPeriod;
            std::this_thread::sleep_until(next);
        }
    }

    std::atomic<bool> stop_ = false;
    std::thread thread_;
};

struct Percentiles {
    Nanos p50;
    Nanos p99;
    Nanos p999;
};

Percentiles percentiles(std::vector<Nanos>& samples) {
    std::ranges::sort(samples);
    const auto rank = [&](std::size_t thousandths) {
        return samples[std::min(samples.size() - 1, samples.size() * thousandths / 1000)];
    };
    return {rank(500), rank(990), rank(999)};
}

template <typename Operation>
std::vector<Nanos> timed(const Clock& clock, Operation operation) {
    std::vector<Nanos> samples;
    samples.reserve(kSamples);
    for (int i = -kWarmUp; i < kSamples; ++i) {
        const SteadyTime before = clock.steady();
        operation();
        const Nanos took = clock.steady() - before;
        if (i >= 0) samples.push_back(took);
    }
    return samples;
}

// The median cost of looking at the clock, which every sample holds once.
Nanos clock_cost(const Clock& clock) {
    std::vector<Nanos> samples = timed(clock, [] {});
    return percentiles(samples).p50;
}

bool report(const char* what, std::vector<Nanos> samples, Nanos clock, bool has_target) {
    for (Nanos& sample : samples) sample = std::max(sample - clock, Nanos(0));
    const Percentiles found = percentiles(samples);
    const bool met = !has_target || found.p99 < kTarget;
    fmt::print("{:<42} p50 {:>6} ns  p99 {:>6} ns  p99.9 {:>6} ns{}\n", what, found.p50.count(),
               found.p99.count(), found.p999.count(),
               has_target ? fmt::format("  target p99 < {} ns: {}", kTarget.count(),
                                        met ? "met" : "MISSED")
                          : std::string());
    return met;
}

bool print_percentiles() {
    Bench bench;
    const Nanos clock = clock_cost(bench.clock());
    fmt::print("clock look {} ns, taken off each sample\n", clock.count());
    CycleRecord record;
    std::uint64_t number = 0;
    bool met =
        report("publish without wake-up",
               timed(bench.clock(), [&] { bench.writer().publish_quietly(record); }), clock, true);
    report("publish with wake-up, nobody asleep",
           timed(bench.clock(), [&] { bench.writer().publish(record); }), clock, false);
    std::vector<Nanos> reads;
    {
        const TenKilohertz writer(bench);
        reads = timed(bench.clock(), [&] {
            benchmark::DoNotOptimize(bench.reader().read_newest(record, number));
        });
    }
    met &= report("read newest beside a 10 kHz writer", std::move(reads), clock, true);
    return met;
}

void publish_quietly(benchmark::State& state) {
    Bench bench;
    CycleRecord record;
    for (auto _ : state) bench.writer().publish_quietly(record);
}
BENCHMARK(publish_quietly);

void publish_and_wake(benchmark::State& state) {
    Bench bench;
    CycleRecord record;
    for (auto _ : state) bench.writer().publish(record);
}
BENCHMARK(publish_and_wake);

void read_newest(benchmark::State& state) {
    Bench bench;
    CycleRecord record;
    std::uint64_t number = 0;
    bench.writer().publish_quietly(record);
    for (auto _ : state) {
        benchmark::DoNotOptimize(bench.reader().read_newest(record, number));
    }
}
BENCHMARK(read_newest);

void read_newest_beside_10khz(benchmark::State& state) {
    Bench bench;
    CycleRecord record;
    std::uint64_t number = 0;
    const TenKilohertz writer(bench);
    for (auto _ : state) {
        benchmark::DoNotOptimize(bench.reader().read_newest(record, number));
    }
}
BENCHMARK(read_newest_beside_10khz);

}  // namespace

int main(int argc, char** argv) {
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 64;
    benchmark::RunSpecifiedBenchmarks();
    benchmark::Shutdown();
    return print_percentiles() ? 0 : 1;
}
