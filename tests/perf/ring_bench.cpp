// Cost of the ring on a real segment: publishing with and without the wake-up call, and reading the
// newest record beside a writer at 10 kHz. Google Benchmark gives the mean; the percentiles come
// from timing each operation by itself, with the cost of the clock taken off, and have the targets
// of the design.
#include <benchmark/benchmark.h>
#include <unistd.h>

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
#include "tests/perf/benchmarks.hpp"
#include "tests/perf/percentiles.hpp"
#include "tests/perf/ring_readers.hpp"

namespace {

using namespace wanctl;
using namespace wanctl::perf;
using Writer = shm::SegmentWriter<CycleRecord>;
using Reader = shm::SegmentReader<CycleRecord>;

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

void print_percentiles() {
    Bench bench;
    const Nanos clock = clock_cost(bench.clock());
    fmt::print("clock look {} ns, taken off each sample\n", clock.count());
    CycleRecord record;
    std::uint64_t number = 0;
    report("publish without wake-up",
           timed(bench.clock(), [&] { bench.writer().publish_quietly(record); }), clock, kTarget);
    report("publish with wake-up, nobody asleep",
           timed(bench.clock(), [&] { bench.writer().publish(record); }), clock, Nanos(0));
    std::vector<Nanos> reads;
    {
        const TenKilohertz writer(bench);
        reads = timed(bench.clock(), [&] {
            benchmark::DoNotOptimize(bench.reader().read_newest(record, number));
        });
    }
    report("read newest beside a 10 kHz writer", std::move(reads), clock, kTarget);
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
    if (!wanctl::perf::run_benchmarks(argc, argv)) return 64;
    print_percentiles();
    return wanctl::perf::print_with_readers() ? 0 : 1;
}
