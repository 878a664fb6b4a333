#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <random>
#include <string>

#include <fmt/format.h>

#include "common/history/histogram.hpp"
#include "common/history/store_file.hpp"
#include "tests/support/full_run.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/history/io_hook.hpp"
#include "tests/unit/history/made_rows.hpp"
#include "tests/unit/history/sql_file.hpp"

using namespace wanctl;
using namespace wanctl::history;
using wanctl::test::kFirstMs;
using wanctl::test::kSumOfFile;
using wanctl::test::made_row;
using wanctl::test::SqlFile;
using wanctl::test::sum_of_made_rows;

namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::int64_t kSecond = 1'000;
constexpr std::int64_t kMinute = 60 * kSecond;
constexpr std::int64_t kHour = 60 * kMinute;

FileOptions options(const std::string& path, const Retention& keep) {
    return {path, "cable", &cycle_layout(), keep};
}

StoreFile opened(const FileOptions& how) {
    auto file = StoreFile::open(how);
    INFO((file ? "" : file.error().message));
    REQUIRE(file.has_value());
    return std::move(*file);
}

void must(const Result<void>& done) {
    INFO((done ? "" : done.error().message));
    REQUIRE(done.has_value());
}

Batch rows(std::int64_t from, std::int64_t to, std::int64_t interval_ms) {
    Batch batch;
    for (std::int64_t i = from; i < to; ++i) batch.rows.push_back(made_row(i, interval_ms));
    return batch;
}

// How many slices there were.
int maintain(StoreFile& file, std::int64_t now_ms, bool expire = true) {
    for (int slices = 0;; ++slices) {
        const auto more = file.maintain({now_ms, expire});
        INFO((more ? "" : more.error().message));
        REQUIRE(more.has_value());
        if (!*more) return slices;
    }
}

}  // namespace

TEST_CASE("slots move to minutes, five minutes and hours as they age, and add up to the same") {
    const test::TempDir dir;
    const Retention keep{hours(1), hours(3), hours(4), hours(24)};
    StoreFile file = opened(options(dir.file("a.db"), keep));
    const SqlFile look(dir.file("a.db"));
    constexpr std::int64_t kRows = 12 * 3'600;  // 12 hours at 1 Hz
    for (std::int64_t i = 0; i < kRows; i += 3'600) {
        must(file.commit(rows(i, i + 3'600, kSecond)));
        maintain(file, kFirstMs + (i + 3'600) * kSecond);
    }
    const std::string whole = sum_of_made_rows(kRows, kSecond);
    CHECK(look.one(kSumOfFile) == whole);
    CHECK(look.one("SELECT count(*) FROM cycles") == "3600");
    CHECK(look.one("SELECT count(*) FROM minutes") == "120");
    CHECK(look.one("SELECT count(*) FROM five_minutes") == "48");
    CHECK(look.one("SELECT count(*) FROM hours") == "5");
    CHECK(look.one("SELECT min(cycles) || max(cycles) FROM minutes") == "6060");
    CHECK(look.one("SELECT min(cycles) || max(cycles) FROM hours") == "36003600");
    CHECK(look.one("SELECT count(*) FROM hours WHERE at_ms % 3600000 <> 0") == "0");
    CHECK(look.one("SELECT sum(down_green_us + down_yellow_us + down_soft_red_us + down_red_us) = "
                   "sum(span_us) FROM hours") == "1");
    // Nothing more to do, and an unfinished bucket stays.
    CHECK(maintain(file, kFirstMs + kRows * kSecond) == 0);
    CHECK(maintain(file, kFirstMs + kRows * kSecond + 59 * kSecond) == 0);
    CHECK(maintain(file, kFirstMs + kRows * kSecond + kMinute) == 1);
    CHECK(look.one(kSumOfFile) == whole);

    SECTION("an hour's histogram is that of its slots") {
        Histogram exact;
        for (std::int64_t i = 0; i < 3'600; ++i)
            if (const auto delta = made_row(i, kSecond).value[2]) exact.add(*delta);
        std::string hex;
        for (const unsigned char byte : exact.stored()) hex += fmt::format("{:02X}", byte);
        CHECK(look.one("SELECT hex(delta_hist) FROM hours ORDER BY at_ms") == hex);
    }
    SECTION("the view shows each slot once, whatever tier it is in") {
        CHECK(look.one("SELECT count(*) FROM metrics WHERE granularity = '1h'") == "30");
        CHECK(look.one("SELECT count(*) FROM metrics WHERE metric_name = 'wanctl_rtt_ms'") ==
              std::to_string(3'540 + 121 + 48 + 5));
    }
    SECTION("late slots of a clock that was set back are added to their buckets") {
        Batch late = rows(0, 90, kSecond);
        for (Row& row : late.rows) row.slot += 1'000'000;
        must(file.commit(late));
        maintain(file, kFirstMs + kRows * kSecond + kMinute);
        CHECK(look.one("SELECT cycles FROM hours ORDER BY at_ms") == "3690");
        CHECK(look.one("SELECT count(*) FROM hours") == "5");
    }
    SECTION("what is too old goes, unless the clock is in doubt") {
        const std::int64_t later = kFirstMs + kRows * kSecond + 40 * kHour;
        maintain(file, later, false);
        CHECK(look.one("SELECT count(*) FROM hours") == "12");
        CHECK(look.one(kSumOfFile) == whole);
        maintain(file, kFirstMs + 34 * kHour);
        // Three of them have ended 3 + 4 + 24 hours ago.
        CHECK(look.one("SELECT count(*) FROM hours") == "9");
        maintain(file, kFirstMs + 100 * kHour);
        CHECK(look.one("SELECT count(*) FROM hours") == "0");
    }
}

TEST_CASE("a clock that jumps ahead and back loses nothing") {
    const test::TempDir dir;
    StoreFile file = opened(options(dir.file("a.db"), {}));
    const SqlFile look(dir.file("a.db"));
    constexpr std::int64_t kDay = 24 * kHour;
    const std::int64_t shifts[] = {0, 400 * kDay, -3 * kHour, -20'600 * kDay, kHour};
    std::int64_t number = 0;
    for (const std::int64_t shift : shifts) {
        Batch batch = rows(number, number + 500, kSecond);
        number += 500;
        for (Row& row : batch.rows) row.at_ms += shift;
        must(file.commit(batch));
        maintain(file, kFirstMs + number * kSecond + shift, false);
    }
    maintain(file, kFirstMs + 1'000 * kDay, false);
    CHECK(look.one(kSumOfFile) == sum_of_made_rows(number, kSecond));
    CHECK(look.one("SELECT count(*) FROM hours") == "5");
}

TEST_CASE("more slots than a slice takes are moved in several") {
    const test::TempDir dir;
    StoreFile file = opened(options(dir.file("a.db"), {}));
    const SqlFile look(dir.file("a.db"));
    must(file.commit(rows(0, 12'000, 5)));  // a minute at 200 Hz
    CHECK(maintain(file, kFirstMs + 2 * kHour) == 6);
    CHECK(look.one("SELECT count(*) || ' ' || sum(cycles) FROM minutes") == "1 12000");
    CHECK(look.one(kSumOfFile) == sum_of_made_rows(12'000, 5));
}

TEST_CASE("the file stays small: what rows leave free is used again or given back") {
    const test::TempDir dir;
    StoreFile file = opened(options(dir.file("a.db"), {minutes(5), hours(1), hours(1), hours(1)}));
    const SqlFile look(dir.file("a.db"));
    std::int64_t number = 0;
    std::int64_t most = 0;
    for (; number < 72'000; number += 1'200) {
        must(file.commit(rows(number, number + 1'200, 50)));
        maintain(file, kFirstMs + number * 50);
        most = std::max(most, file.bytes());
    }
    // Five minutes of slots and one that is not over, at 64 bytes a slot, besides the -wal.
    CHECK(std::stoll(look.one("PRAGMA page_count")) * 4'096 < 1'200 * 7 * 64 + 64'000);
    CHECK(most < 6'000'000);
    must(file.commit(rows(number, number + 40'000, 50)));
    const auto large = std::stoll(look.one("PRAGMA page_count"));
    maintain(file, kFirstMs + number * 50 + 4 * kHour);
    CHECK(std::stoll(look.one("PRAGMA page_count")) < large / 2);
}

TEST_CASE("changes of zone and events are kept by age and number") {
    const test::TempDir dir;
    StoreFile file = opened(options(dir.file("a.db"), {}));
    const SqlFile look(dir.file("a.db"));
    look.run(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 101500) "
        "INSERT INTO transitions SELECT " +
        std::to_string(kFirstMs) + " + i, i, 0, 0, 1, 1, 1, 'x' FROM n");
    Batch batch;
    batch.events.push_back({kFirstMs, "start", "{}"});
    batch.events.push_back({kFirstMs, "stop", ""});
    must(file.commit(batch));
    CHECK(look.one("SELECT group_concat(kind) FROM (SELECT kind FROM events ORDER BY at_ms, n)") ==
          "start,stop");
    maintain(file, kFirstMs + kHour);
    CHECK(look.one("SELECT count(*) || ' ' || max(slot) FROM transitions") ==
          std::to_string(kMostTransitions) + " 101500");
    CHECK(look.one("SELECT count(*) FROM events") == "2");
    maintain(file, kFirstMs + 380 * 24 * kHour);
    CHECK(look.one("SELECT count(*) FROM transitions") == "0");
    CHECK(look.one("SELECT count(*) FROM events") == "0");
}

namespace {

constexpr std::int64_t kBatch = 60;
const Retention kShort{minutes(2), minutes(10), hours(1), hours(24 * 365)};

// Stores and rolls up from where the file stands until the hook ends it. The number acknowledged
// last is left in `told`.
[[noreturn]] void write_until_killed(const std::string& path, int at_write, std::int64_t* told) {
    int writes = 0;
    test::on_write([&writes, at_write](std::string_view) {
        return ++writes == at_write ? test::kDieHalfWay : 0;
    });
    auto file = StoreFile::open(options(path, kShort));
    std::int64_t number = *told;
    if (file) {
        // Whether the batch under way at the last death is there is for the file to say: storing it
        // again changes nothing.
        for (int i = 0; i < 1'000; ++i, number += kBatch) {
            if (!file->commit(rows(number, number + kBatch, kSecond))) break;
            *told = number + kBatch;
            const Rollup::Moment now{kFirstMs + (number + kBatch) * kSecond, true};
            for (auto more = file->maintain(now); more && *more;) more = file->maintain(now);
        }
    }
    ::_exit(1);
}

}  // namespace

TEST_CASE("killed at any write, nothing acknowledged is lost, and nothing is there twice") {
    const test::TempDir dir;
    const std::string path = dir.file("a.db");
    auto* told = static_cast<std::int64_t*>(::mmap(
        nullptr, sizeof(std::int64_t), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    REQUIRE(told != MAP_FAILED);
    *told = 0;
    std::mt19937 random(11);
    const int kills = test::full_run() ? 100 : 12;
    for (int i = 0; i < kills; ++i) {
        // The first ones die while the file is being made.
        const int at_write = i < 4 ? i * 3 + 1 : static_cast<int>(random() % 900) + 1;
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) write_until_killed(path, at_write, told);
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        INFO("kill " << i << " at write " << at_write << ", told " << *told);
        REQUIRE(WIFSIGNALED(status));
        REQUIRE(WTERMSIG(status) == SIGKILL);
        // As the next start finds it: with the batch under way stored once more.
        StoreFile file = opened(options(path, kShort));
        must(file.commit(rows(*told, *told + kBatch, kSecond)));
        *told += kBatch;
        const SqlFile look(path);
        REQUIRE(look.one("PRAGMA integrity_check") == "ok");
        REQUIRE(look.one(kSumOfFile) == sum_of_made_rows(*told, kSecond));
    }
    CHECK(*told > kBatch * kills);
    // All tiers have been through it.
    StoreFile file = opened(options(path, kShort));
    maintain(file, kFirstMs + *told * kSecond);
    const SqlFile look(path);
    CHECK(look.one("SELECT count(*) > 0 FROM minutes") == "1");
    CHECK(look.one("SELECT count(*) > 0 FROM five_minutes") == "1");
    CHECK(look.one(kSumOfFile) == sum_of_made_rows(*told, kSecond));
    ::munmap(told, sizeof(std::int64_t));
}
