#include "tests/support/store_maker.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <fmt/format.h>
#include <sqlite3.h>

#include "common/history/histogram.hpp"
#include "common/history/schema.hpp"
#include "common/history/sqlite.hpp"

namespace wanctl::test {

namespace {

// What a tier keeps of one quantity.
struct Kept {
    std::int64_t n = 0;
    std::int64_t min = 0;
    std::int64_t sum = 0;
    std::int64_t max = 0;
    history::Histogram histogram;

    void add(std::int64_t value) {
        min = n == 0 ? value : std::min(min, value);
        max = n == 0 ? value : std::max(max, value);
        sum += value;
        ++n;
        histogram.add(value);
    }
};

template <typename T>
T must(Result<T> result) {
    if (!result) throw std::runtime_error(result.error().message);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
}

}  // namespace

MadeSlot made_slot(std::int64_t number) {
    const std::int64_t turn = number % 100;
    MadeSlot slot{};
    slot.rtt_us = number % 50 == 49 ? 0 : 20'000 + number * 7'919 % 100'000;
    slot.baseline_us = 20'000;
    slot.down_bps = 800'000'000 + turn * 1'000'000;
    slot.up_bps = 35'000'000;
    slot.down_zone = turn < 94 ? 0 : turn < 99 ? 1 : 3;
    return slot;
}

StoreMaker::StoreMaker(const std::string& path, const history::Layout& layout,
                       const std::string& wan) {
    sqlite3* opened = nullptr;
    const int code = sqlite3_open(path.c_str(), &opened);
    handle_.reset(opened);
    if (code != SQLITE_OK) throw std::runtime_error(path + ": cannot be opened");
    must(history::prepare_schema(opened, layout, wan));
    run("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF");
}

void StoreMaker::run(const std::string& sql) {
    must(history::run(handle_.get(), sql));
}

void StoreMaker::add_raw(std::int64_t from_ms, std::int64_t to_ms) {
    run("BEGIN");
    auto row = must(history::Statement::prepare(
        handle_.get(), "INSERT INTO cycles VALUES(?1, ?2, 50000, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"));
    for (std::int64_t at = from_ms; at < to_ms; at += kSlotMs) {
        const MadeSlot slot = made_slot(at / kSlotMs);
        const bool answered = slot.rtt_us != 0;
        row.bind(1, at);
        row.bind(2, at / kSlotMs);
        row.bind(3, answered ? std::optional(slot.rtt_us) : std::nullopt);
        row.bind(4, slot.baseline_us);
        row.bind(5, answered ? std::optional(slot.rtt_us - slot.baseline_us) : std::nullopt);
        row.bind(6, slot.down_bps);
        row.bind(7, slot.up_bps);
        row.bind(8, slot.down_zone);
        row.bind(9, slot.up_zone);
        must(row.execute());
    }
    run("COMMIT");
}

void StoreMaker::add_tier(const history::Tier& tier, std::int64_t from_ms, std::int64_t to_ms) {
    run("BEGIN");
    std::string sql = fmt::format("INSERT INTO {} VALUES(?1", tier.table);
    for (int place = 2; place <= 33; ++place) sql += fmt::format(", ?{}", place);
    auto row = must(history::Statement::prepare(handle_.get(), sql + ")"));
    for (std::int64_t begin = from_ms; begin < to_ms; begin += tier.bucket_ms) {
        std::array<Kept, 5> kept;
        std::array<std::array<std::int64_t, 4>, 2> zones{};
        const std::int64_t cycles = tier.bucket_ms / kSlotMs;
        for (std::int64_t n = begin / kSlotMs; n < begin / kSlotMs + cycles; ++n) {
            const MadeSlot slot = made_slot(n);
            if (slot.rtt_us != 0) kept[0].add(slot.rtt_us);
            kept[1].add(slot.baseline_us);
            if (slot.rtt_us != 0) kept[2].add(slot.rtt_us - slot.baseline_us);
            kept[3].add(slot.down_bps);
            kept[4].add(slot.up_bps);
            zones[0][static_cast<std::size_t>(slot.down_zone)] += kSlotMs * 1000;
            zones[1][static_cast<std::size_t>(slot.up_zone)] += kSlotMs * 1000;
        }
        int place = 1;
        row.bind(place++, begin);
        row.bind(place++, cycles);
        row.bind(place++, tier.bucket_ms * 1000);
        const std::string rtt = kept[0].histogram.stored();
        const std::string delta = kept[2].histogram.stored();
        for (std::size_t i = 0; i < kept.size(); ++i) {
            for (const std::int64_t value : {kept[i].n, kept[i].min, kept[i].sum, kept[i].max})
                row.bind(place++, value);
            if (history::cycle_layout().quantities[i].histogram)
                row.bind_blob(place++, i == 0 ? rtt : delta);
        }
        for (const auto& axis : zones)
            for (const std::int64_t time : axis) row.bind(place++, time);
        must(row.execute());
    }
    run("COMMIT");
}

void StoreMaker::Close::operator()(sqlite3* database) const {
    sqlite3_close_v2(database);
}

}  // namespace wanctl::test
