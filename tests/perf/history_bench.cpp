// What the history costs: a batch's commit across checkpoints, a slice of maintenance, and bytes.
//
//   perf-history          20,000 slots in batches of a second, three hours of tiers
//   WANCTL_TEST_FULL=1    26 hours
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <sqlite3.h>

#include "common/clock.hpp"
#include "common/history/store_file.hpp"
#include "tests/perf/percentiles.hpp"
#include "tests/support/full_run.hpp"
#include "tests/support/temp_dir.hpp"

using namespace wanctl;
using namespace wanctl::history;

namespace {

constexpr std::int64_t kBatch = 20;
constexpr std::int64_t kFirstMs = 1'772'323'200'000;

// A line at 20 Hz: round trips of 20 ms and a tail, a baseline that creeps, rates that move.
class Line {
  public:
    // `spread` of its queueing delay: 1 is a busy line, 0.2 an idle one.
    explicit Line(double spread) : tail_(8.0, spread) {}
    Batch second() {
        Batch batch;
        for (std::int64_t i = 0; i < kBatch; ++i) batch.rows.push_back(slot());
        return batch;
    }
    [[nodiscard]] std::int64_t now_ms() const { return kFirstMs + number_ * 50; }

  private:
    Row slot() {
        Row row;
        row.at_ms = now_ms();
        row.slot = 1'000'000 + number_++;
        row.span_us = 50'000;
        const auto queue = static_cast<std::int64_t>(tail_(random_));
        baseline_ += static_cast<std::int64_t>(random_() % 11) - 5;
        row.value = {20'000 + queue, baseline_, queue - 3'000,
                     400'000'000 + static_cast<std::int64_t>(random_() % 200'000'000),
                     20'000'000 + static_cast<std::int64_t>(random_() % 15'000'000)};
        row.zone = {queue > 45'000 ? 2 : queue > 15'000 ? 1 : 0, queue > 30'000 ? 1 : 0};
        return row;
    }

    std::mt19937_64 random_{5};
    std::lognormal_distribution<double> tail_;
    std::int64_t number_ = 0;
    std::int64_t baseline_ = 20'000;
};

double bytes_a_row(const std::string& path, const char* table) {
    sqlite3* open = nullptr;
    sqlite3_open_v2(path.c_str(), &open, SQLITE_OPEN_READONLY, nullptr);
    const auto one = [open](const std::string& sql) {
        double value = NAN;
        sqlite3_stmt* ask = nullptr;
        if (sqlite3_prepare_v2(open, sql.c_str(), -1, &ask, nullptr) == SQLITE_OK &&
            sqlite3_step(ask) == SQLITE_ROW)
            value = sqlite3_column_double(ask, 0);
        sqlite3_finalize(ask);
        return value;
    };
    const double bytes =
        one(fmt::format("SELECT sum(pgsize) FROM dbstat WHERE name = '{}'", table));
    const double rows = one(fmt::format("SELECT count(*) FROM {}", table));
    sqlite3_close(open);
    return rows > 0 ? bytes / rows : NAN;
}

double ms(Nanos duration) {
    return std::chrono::duration<double, std::milli>(duration).count();
}

void tell(const char* what, std::vector<Nanos> samples, double target_ms) {
    if (samples.empty()) return;
    const auto found = perf::percentiles(samples);
    fmt::print(
        "  {:<34} p50 {:.3f} ms  p99 {:.3f} ms  worst {:.3f} ms of {}  target p99 < {} ms: {}\n",
        what, ms(found.p50), ms(found.p99), ms(samples.back()), samples.size(), target_ms,
        ms(found.p99) < target_ms ? "met" : "MISSED");
}

int fail_with(const Error& error) {
    std::fprintf(stderr, "%s\n", error.message.c_str());
    return 1;
}

// The history of so many hours, in a file of its own; 0, or 1 when it cannot be made.
int run(const char* what, double spread, std::int64_t hours) {
    const test::TempDir dir;
    const SystemClock clock;
    const std::string path = dir.file("perf.db");
    auto file = StoreFile::open({path, "perf", &cycle_layout(), {}});
    if (!file) return fail_with(file.error());
    Line line(spread);
    std::vector<Nanos> commits;
    std::vector<Nanos> slices;
    std::int64_t most = 0;
    for (std::int64_t i = 0; i < hours * 3'600; ++i) {
        const Batch batch = line.second();
        SteadyTime before = clock.steady();
        if (const auto done = file->commit(batch); !done) return fail_with(done.error());
        commits.push_back(clock.steady() - before);
        for (bool more = true; more;) {
            before = clock.steady();
            const auto done = file->maintain({line.now_ms(), true});
            if (!done) return fail_with(done.error());
            more = *done;
            slices.push_back(clock.steady() - before);
        }
        most = std::max(most, file->bytes());
        if (i != 999) continue;
        fmt::print("history, {}, 20,000 slots in batches of 20:\n", what);
        tell("commit of a batch", commits, 5);
    }
    fmt::print("history, {}, {} hours at 20 Hz:\n", what, hours);
    tell("commit of a batch", commits, 5);
    tell("slice of maintenance", slices, 20);
    const double raw = bytes_a_row(path, "cycles");
    const double minute = bytes_a_row(path, "minutes");
    fmt::print(
        "  bytes a slot {:.1f} (target <= 80: {}), a minute {:.0f}, at most {} B with the -wal\n",
        raw, raw <= 80 ? "met" : "MISSED", minute, most);
    // Five minutes and an hour are minutes with fuller histograms: within a half as much again.
    fmt::print(
        "  an hour of slots, 7 days of minutes, 7 of five minutes, 365 of hours: {:.0f} MB\n",
        (raw * 72'000 + minute * (10'080 + 1.5 * (2'016 + 8'760))) / 1e6);
    return 0;
}

}  // namespace

int main() {
    const bool full = test::full_run();
    return run("a busy line", 1.0, full ? 26 : 3) + run("an idle line", 0.2, full ? 26 : 2);
}
