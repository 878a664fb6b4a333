#include "shm/inspect/watch_history.hpp"

#include <algorithm>

#include "tests/support/catch.hpp"
#include "tests/unit/inspect/watch_fixture.hpp"

using namespace wanctl;
using namespace wanctl::inspect;
using namespace wanctl::test;
using namespace std::chrono_literals;

namespace {

using CycleHistory = History<CycleStretch>;

void add(CycleHistory& history, Nanos mono, std::int32_t rtt_us = 21'500, Zone zone = Zone::green) {
    CycleRecord record = cycle_record(mono);
    record.rtt_us = rtt_us;
    record.direction[0].zone = static_cast<std::uint8_t>(zone);
    history.add(mono, Nanos(record.interval_ns), stretch_of(record));
}

std::uint32_t records_in(const std::vector<CycleStretch>& columns) {
    std::uint32_t sum = 0;
    for (const CycleStretch& column : columns) sum += column.records;
    return sum;
}

}  // namespace

TEST_CASE("An empty history has columns, all of them empty") {
    const CycleHistory history;
    const auto columns = history.columns(kNow, 1min, 60);
    CHECK(columns.size() == 60);
    CHECK(records_in(columns) == 0);
}

TEST_CASE("Every record of the span is in exactly one column, whatever the width") {
    CycleHistory history;
    for (int back = 1199; back >= 0; --back) add(history, kNow - back * 50ms);
    for (const int width : {1, 7, 55, 60, 170, 600, 900}) {
        const auto columns = history.columns(kNow, 1min, width);
        CAPTURE(width, columns.size());
        CHECK(static_cast<int>(columns.size()) <= width);
        CHECK(columns.size() * 2 > static_cast<std::size_t>(std::min(width, 600)));
        // A column reaches beyond the span on either side by less than its own length.
        const auto a_column = 1200 / static_cast<std::uint32_t>(columns.size()) + 3;
        CHECK(records_in(columns) + a_column >= 1200);
        CHECK(records_in(columns) <= 1200);
    }
}

TEST_CASE("A column shows the longest RTT and the worst zone of its time") {
    CycleHistory history;
    add(history, 999s + 0ms, 20'000, Zone::green);
    add(history, 999s + 50ms, 95'000, Zone::red);
    add(history, 999s + 100ms, kUnknownUs, Zone::yellow);
    const auto columns = history.columns(kNow, 30s, 30);
    const auto found =
        std::ranges::find_if(columns, [](const CycleStretch& each) { return each.records > 0; });
    REQUIRE(found != columns.end());
    CHECK(found->records == 3);
    CHECK(found->rtt_us == 95'000);
    CHECK(found->line[0].zone == static_cast<std::uint8_t>(Zone::red));
}

TEST_CASE("Blind is not hidden by slots in which merely nothing arrived") {
    CycleStretch blind;
    blind.records = 1;
    blind.measurement = static_cast<std::uint8_t>(MeasurementState::blind);
    CycleStretch fresh;
    fresh.records = 1;
    fresh.measurement = static_cast<std::uint8_t>(MeasurementState::fresh);
    CycleStretch sum = blind;
    sum.merge(fresh);
    CHECK(sum.measurement == blind.measurement);
    sum = fresh;
    sum.merge(blind);
    CHECK(sum.measurement == blind.measurement);
}

TEST_CASE("A chart moves by whole columns: a peak keeps its column's contents") {
    CycleHistory history;
    for (int back = 1199; back >= 0; --back) {
        add(history, kNow - back * 50ms, back == 400 ? 90'000 : 20'000);
    }
    for (int step = 0; step < 40; ++step) {
        const auto columns = history.columns(kNow + step * 100ms, 1min, 50);
        const auto peaks = std::ranges::count_if(
            columns, [](const CycleStretch& each) { return each.rtt_us == 90'000; });
        CHECK(peaks == 1);
    }
}

TEST_CASE("A WAN measured every two seconds leaves no holes, a silent one does") {
    CycleHistory history;
    CycleRecord record = cycle_record(0s);
    for (int second = 0; second <= 40; second += 2) {
        history.add(960s + second * 1s, 2s, stretch_of(record));
    }
    auto columns = history.columns(kNow, 30s, 300);
    CHECK(std::ranges::none_of(columns, [](const auto& each) { return each.records == 0; }));

    history.add(kNow + 20s, 2s, stretch_of(record));
    columns = history.columns(kNow + 20s, 30s, 300);
    CHECK(std::ranges::count_if(columns, [](const auto& each) { return each.records == 0; }) ==
          199);
}

TEST_CASE(
    "What is older than the history forgets is gone, and what comes late still finds its bin") {
    CycleHistory history;
    add(history, 100s);
    add(history, 1000s);
    add(history, 999s, 77'000);
    const auto columns = history.columns(1000s, 10min, 600);
    CHECK(records_in(columns) == 2);
    CHECK(columns[598].rtt_us == 77'000);
    history.clear();
    CHECK(records_in(history.columns(1000s, 10min, 600)) == 0);
    add(history, 5s);
    CHECK(records_in(history.columns(5s, 30s, 30)) == 1);
}

TEST_CASE("Steering's columns keep the highest score and the worst state") {
    History<SteeringStretch> history;
    history.add(999s, 50ms, {1, 20, 0});
    history.add(999s + 50ms, 50ms, {1, 85, 1});
    history.add(999s + 99ms, 50ms, {1, kUnknownScore, 0});
    const auto columns = history.columns(999s + 99ms, 30s, 30);
    CHECK(columns.back().score == 85);
    CHECK(columns.back().state == 1);
    CHECK(columns.back().records == 3);
}
