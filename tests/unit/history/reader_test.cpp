#include "common/history/reader.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "common/history/choice.hpp"
#include "common/history/schema.hpp"
#include "common/history/summary.hpp"
#include "tests/support/store_maker.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/history/sql_file.hpp"

using namespace wanctl;
using namespace wanctl::history;
using namespace wanctl::test;

namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kBegin = 472'223 * kHour;

// An hour of hours, then of five minutes, then of minutes, then two minutes of slots.
constexpr Span kAll{kBegin, kBegin + 3 * kHour + 2 * kMinute};

void make_mixed(const std::string& path) {
    StoreMaker maker(path);
    maker.add_tier(kTiers[2], kBegin, kBegin + kHour);
    maker.add_tier(kTiers[1], kBegin + kHour, kBegin + 2 * kHour);
    maker.add_tier(kTiers[0], kBegin + 2 * kHour, kBegin + 3 * kHour);
    maker.add_raw(kBegin + 3 * kHour, kAll.to_ms);
}

HistoryFile opened(const std::string& path) {
    auto file = HistoryFile::open(path);
    INFO((file ? "" : file.error().message));
    REQUIRE(file.has_value());
    return std::move(*file);
}

std::vector<Bucket> rows_of(HistoryFile& file, const Span& span, std::int64_t step_ms) {
    auto rows = RowCursor::open(file, span);
    REQUIRE(rows.has_value());
    StepCursor steps(std::move(*rows), step_ms);
    std::vector<Bucket> all;
    for (;;) {
        const auto row = steps.next();
        REQUIRE(row.has_value());
        if (*row == nullptr) return all;
        all.push_back(**row);
    }
}

Bucket total_of(const std::vector<Bucket>& rows) {
    Bucket total;
    for (const Bucket& row : rows) total.add(row);
    return total;
}

// The RTTs of these slots, as made.
std::vector<std::int64_t> made_rtts(const Span& span) {
    std::vector<std::int64_t> all;
    for (std::int64_t n = span.from_ms / kSlotMs; n < span.to_ms / kSlotMs; ++n)
        if (made_slot(n).rtt_us != 0) all.push_back(made_slot(n).rtt_us);
    std::ranges::sort(all);
    return all;
}

double made_percentile(const std::vector<std::int64_t>& sorted, double q) {
    const auto rank = std::ceil(q * static_cast<double>(sorted.size()));
    return static_cast<double>(sorted[static_cast<std::size_t>(rank) - 1]);
}

std::string refusal_of(const std::string& path, ErrorKind kind) {
    const auto file = HistoryFile::open(path);
    REQUIRE_FALSE(file.has_value());
    CHECK(file.error().kind == kind);
    CHECK(file.error().message.find(path) != std::string::npos);
    return file.error().message;
}

}  // namespace

TEST_CASE("a span across all tiers tells each slot once, in order, whatever a row spans") {
    const TempDir dir;
    make_mixed(dir.file("cable.db"));
    auto file = opened(dir.file("cable.db"));
    CHECK(file.wan() == "cable");
    const auto slots = (kAll.to_ms - kAll.from_ms) / kSlotMs;
    const auto rtts = made_rtts(kAll);
    std::int64_t sum = 0;
    for (const std::int64_t rtt : rtts) sum += rtt;

    const std::size_t rows_wanted[] = {1 + 12 + 60 + 2400, 1 + 12 + 60 + 2, 1 + 12 + 12 + 1, 4};
    const std::int64_t steps[] = {0, kMinute, 5 * kMinute, kHour};
    for (std::size_t i = 0; i < 4; ++i) {
        const auto rows = rows_of(file, kAll, steps[i]);
        INFO("step " << steps[i]);
        CHECK(rows.size() == rows_wanted[i]);
        CHECK(std::ranges::is_sorted(rows, {}, &Bucket::at_ms));
        const Bucket total = total_of(rows);
        CHECK(total.cycles == slots);
        CHECK(total.span_us == slots * kSlotMs * 1000);
        CHECK(total.amount[0].n == static_cast<std::int64_t>(rtts.size()));
        CHECK(total.amount[0].sum == sum);
        CHECK(total.amount[0].min == rtts.front());
        CHECK(total.amount[0].max == rtts.back());
        CHECK(total.share(0, 1) == Approx(0.05));
        CHECK(total.share(0, 3) == Approx(0.01));
        CHECK(total.share(1, 0) == 1.0);
        CHECK(total.zone(0) == 0U);
    }
    CHECK(extent(file).value().value() == Span{kAll.from_ms, kAll.to_ms - kSlotMs + 1});
}

TEST_CASE("a bucket at a span's edge belongs to it whole, one that only touches it does not") {
    const TempDir dir;
    make_mixed(dir.file("cable.db"));
    auto file = opened(dir.file("cable.db"));
    // From the middle of the hour to the first of the five minutes and a moment.
    const auto rows = rows_of(file, {kBegin + kHour / 2, kBegin + kHour + 5 * kMinute + 1}, 0);
    REQUIRE(rows.size() == 3);
    CHECK(rows[0].length_ms == kHour);
    CHECK(rows[2].at_ms == kBegin + kHour + 5 * kMinute);
    CHECK(rows_of(file, {kBegin + kHour, kBegin + kHour + 5 * kMinute}, 0).size() == 1);
    CHECK(rows_of(file, {kBegin - kHour, kBegin}, 0).empty());
    CHECK(rows_of(file, {kAll.to_ms, kAll.to_ms + kHour}, 0).empty());
}

TEST_CASE(
    "a summary's mean and ends are exact, its percentiles within 2 % or said to be averages") {
    const TempDir dir;
    make_mixed(dir.file("cable.db"));
    auto file = opened(dir.file("cable.db"));
    const auto mixed = summarize(file, kAll).value().value();
    CHECK(mixed.granularities == std::vector<std::int64_t>{0, kMinute, 5 * kMinute, kHour});
    const auto rtts = made_rtts(kAll);
    const Percentiles rtt = mixed.percentiles[0].value();
    CHECK(rtt.evidence == Evidence::histogram);
    CHECK(rtt.p50 == Approx(made_percentile(rtts, 0.50)).epsilon(0.02));
    CHECK(rtt.p95 == Approx(made_percentile(rtts, 0.95)).epsilon(0.02));
    CHECK(rtt.p99 == Approx(made_percentile(rtts, 0.99)).epsilon(0.02));
    CHECK(mixed.percentiles[3].value().evidence == Evidence::averages);

    const Span raw{kBegin + 3 * kHour, kAll.to_ms};
    const auto exact = summarize(file, raw).value().value();
    const auto raw_rtts = made_rtts(raw);
    CHECK(exact.percentiles[0].value().evidence == Evidence::exact);
    CHECK(exact.percentiles[0].value().p50 == made_percentile(raw_rtts, 0.50));
    CHECK(exact.percentiles[0].value().p95 == made_percentile(raw_rtts, 0.95));
    CHECK(exact.percentiles[0].value().p99 == made_percentile(raw_rtts, 0.99));
    CHECK(exact.percentiles[3].value().p99 == 898'000'000);
    CHECK_FALSE(summarize(file, {0, kHour}).value().has_value());
}

TEST_CASE("slots without a sample stay out of RTT's figures, and so does a zone not known here") {
    const TempDir dir;
    StoreMaker maker(dir.file("cable.db"));
    maker.run("INSERT INTO cycles VALUES(1000, 1, 50000, NULL, 20000, NULL, 5, 6, 1, NULL)");
    maker.run("INSERT INTO cycles VALUES(1050, 2, 50000, 30000, 20000, 10000, 5, 6, 3, 9)");
    auto file = opened(dir.file("cable.db"));
    const auto summary = summarize(file, {0, 2000}).value().value();
    CHECK(summary.total.cycles == 2);
    CHECK(summary.total.amount[0].n == 1);
    CHECK(summary.percentiles[0].value().p50 == 30'000);
    CHECK(summary.total.share(0, 1) == 0.5);
    CHECK_FALSE(summary.total.zone(1).has_value());
    // Of equals the worse.
    CHECK(summary.total.zone(0) == 3U);
}

TEST_CASE(
    "rows that move to another tier meanwhile, or come, are told as they were at one moment") {
    const TempDir dir;
    StoreMaker writer(dir.file("cable.db"));
    writer.add_raw(kBegin, kBegin + 10 * kMinute);
    auto file = opened(dir.file("cable.db"));
    auto rows = RowCursor::open(file, {kBegin, kBegin + kHour});
    REQUIRE(rows.has_value());
    REQUIRE(rows->next().value() != nullptr);
    writer.run("DELETE FROM cycles");
    writer.add_tier(kTiers[0], kBegin, kBegin + 10 * kMinute);
    writer.add_raw(kBegin + 10 * kMinute, kBegin + 11 * kMinute);
    std::int64_t cycles = 1;
    for (const Bucket* row = rows->next().value(); row != nullptr; row = rows->next().value())
        cycles += row->cycles;
    CHECK(cycles == 12'000);
    { const RowCursor done(std::move(*rows)); }
    CHECK(total_of(rows_of(file, {kBegin, kBegin + kHour}, kHour)).cycles == 13'200);
}

TEST_CASE("a bucket seen half-way, a part of it in each of two tables, is put together") {
    const TempDir dir;
    StoreMaker maker(dir.file("cable.db"));
    maker.add_tier(kTiers[2], kBegin, kBegin + kHour);
    maker.add_tier(kTiers[0], kBegin + 50 * kMinute, kBegin + kHour);
    auto file = opened(dir.file("cable.db"));
    const auto rows = rows_of(file, {kBegin, kBegin + kHour}, kHour);
    REQUIRE(rows.size() == 1);
    CHECK(rows[0].cycles == 72'000 + 12'000);
}

TEST_CASE("a history at rest is read without a trace, also where nothing may be written") {
    const TempDir dir;
    { make_mixed(dir.file("cable.db")); }
    REQUIRE_FALSE(std::filesystem::exists(dir.file("cable.db-wal")));
    auto file = opened(dir.file("cable.db"));
    CHECK_FALSE(rows_of(file, kAll, kHour).empty());
    const auto files = std::filesystem::directory_iterator(dir.path());
    CHECK(std::distance(begin(files), end(files)) == 1);
    // Now a writer comes.
    StoreMaker writer(dir.file("cable.db"));
    writer.add_raw(kAll.to_ms, kAll.to_ms + kMinute);
    CHECK(total_of(rows_of(file, {kAll.to_ms, kAll.to_ms + kHour}, 0)).cycles == 1200);
}

TEST_CASE("what is no history, or a damaged one, is refused with its name and a remedy") {
    const TempDir dir;
    CHECK(refusal_of(dir.file("none.db"), ErrorKind::not_found).find("[history] enabled") !=
          std::string::npos);
    CHECK(refusal_of(dir.path().string(), ErrorKind::invalid_input).find("is not a file") !=
          std::string::npos);
    refusal_of(dir.write("text.db", std::string(5000, 'x')), ErrorKind::invalid_input);
    CHECK(refusal_of(dir.write("empty.db", ""), ErrorKind::invalid_input).find("is empty") !=
          std::string::npos);
    SqlFile(dir.file("other.db")).run("CREATE TABLE t(x)");
    CHECK(refusal_of(dir.file("other.db"), ErrorKind::invalid_input).find("another database") !=
          std::string::npos);

    const std::string damaged = dir.file("damaged.db");
    make_mixed(damaged);
    {
        std::fstream bytes(damaged, std::ios::in | std::ios::out | std::ios::binary);
        const auto size = static_cast<std::streamoff>(std::filesystem::file_size(damaged));
        for (std::streamoff at = size / 2 / 4096 * 4096; at < size; at += 4096) {
            bytes.seekp(at);
            bytes.write("\xff\xff\xff\xff\xff\xff\xff\xff", 8);
        }
    }
    auto file = opened(damaged);
    const auto summary = summarize(file, kAll);
    REQUIRE_FALSE(summary.has_value());
    CHECK(summary.error().kind == ErrorKind::invalid_input);
    CHECK(summary.error().message.find("damaged.db") != std::string::npos);
}

TEST_CASE("a newer history is read as far as it is known, one that lacks columns is refused") {
    const TempDir dir;
    const std::string path = dir.file("cable.db");
    {
        StoreMaker maker(path);
        maker.add_raw(kBegin, kBegin + kMinute);
        maker.run("ALTER TABLE cycles ADD COLUMN more INTEGER; PRAGMA user_version = 7");
    }
    auto file = opened(path);
    CHECK(file.note().find("version 7") != std::string::npos);
    CHECK(rows_of(file, {kBegin, kBegin + kMinute}, 0).size() == 1200);
    SqlFile(path).run("ALTER TABLE cycles RENAME COLUMN rtt_us TO rtt_ns");
    const std::string said = refusal_of(path, ErrorKind::unsupported);
    CHECK(said.find("version 7") != std::string::npos);
    CHECK(said.find("newer program") != std::string::npos);
}

TEST_CASE("metrics are chosen by the view's names, without their prefix, or by column") {
    const Layout& layout = cycle_layout();
    const auto chosen = parse_choice(layout, "wanctl_rtt_ms, rate_upload_mbps,down_zone").value();
    CHECK(chosen.quantity == std::array{true, false, false, false, true});
    CHECK(chosen.axis == std::array{true, false});
    CHECK(parse_choice(layout, "wanctl_state").value().axis == std::array{true, true});
    CHECK(parse_choice(layout, "").value().quantity == everything(layout).quantity);
    const auto steering = parse_choice(steering_layout(), "score,wanctl_steering_enabled").value();
    CHECK(steering.quantity[1]);
    CHECK(steering.axis == std::array{true, false});
    const auto unknown = parse_choice(layout, "rtt,speed");
    REQUIRE_FALSE(unknown.has_value());
    CHECK(unknown.error().message.find("\"speed\"") != std::string::npos);
    CHECK(unknown.error().message.find("wanctl_rate_download_mbps") != std::string::npos);
}
