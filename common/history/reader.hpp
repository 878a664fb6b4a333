// The rows of a span, in order of time, out of the raw table and all tiers: each slot is told once,
// by the finest row there is of it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/error.hpp"
#include "common/history/history_file.hpp"
#include "common/history/layout.hpp"
#include "common/history/sqlite.hpp"
#include "common/history/when.hpp"

namespace wanctl::history {

// Of one quantity, in the layout's unit.
struct Amount {
    std::int64_t n = 0;  // without any the others mean nothing
    std::int64_t min = 0;
    std::int64_t sum = 0;
    std::int64_t max = 0;

    [[nodiscard]] double mean() const {
        return n == 0 ? 0 : static_cast<double>(sum) / static_cast<double>(n);
    }
    void add(const Amount& other);
};

// One slot, or what is kept of all slots of a bucket.
struct Bucket {
    std::int64_t at_ms = 0;      // its begin
    std::int64_t length_ms = 0;  // 0: one slot
    std::int64_t cycles = 0;
    std::int64_t span_us = 0;  // the time they stand for
    std::array<Amount, kMaxQuantities> amount{};
    std::array<std::array<std::int64_t, kMaxZones>, kMaxAxes> zone_us{};
    // As stored (histogram.hpp), of a row of a tier; until the next row is asked for.
    std::array<std::span<const unsigned char>, kMaxQuantities> histogram{};

    void add(const Bucket& other);
    // The zone it was in for longest, of equals the worse; nothing when it is not known.
    [[nodiscard]] std::optional<std::size_t> zone(std::size_t axis) const;
    // What part of the time was in that zone.
    [[nodiscard]] double share(std::size_t axis, std::size_t zone) const;
};

// "raw", or as kTiers names a bucket of that length; else the length ("10 min").
[[nodiscard]] std::string granularity_text(std::int64_t length_ms);
// The length of such a name; nothing for another.
[[nodiscard]] std::optional<std::int64_t> granularity_of(std::string_view name);
// What suits the eye: raw rows for minutes, an hour a row for weeks.
[[nodiscard]] std::int64_t step_for(const Span& span);

// One read transaction over a file: all rows of a span as they were at one moment. A bucket that
// begins before the span and ends in it belongs to it as a whole.
class RowCursor {
  public:
    // One at a time a file, which must outlive it.
    [[nodiscard]] static Result<RowCursor> open(HistoryFile& file, const Span& span,
                                                bool histograms = false);
    RowCursor(RowCursor&&) noexcept = default;
    RowCursor& operator=(RowCursor&&) noexcept = default;
    ~RowCursor() = default;

    // The next row, until the one after it is asked for; nullptr at the end.
    [[nodiscard]] Result<const Bucket*> next();

  private:
    struct Table {
        const Tier* tier = nullptr;  // nullptr: the raw rows
        Statement rows;
        std::int64_t at_ms = 0;  // of the row that is ready
        bool ready = false;
    };
    struct Transaction {
        sqlite3* database = nullptr;
        ~Transaction();
    };

    explicit RowCursor(const HistoryFile& file) : file_(&file) {}
    [[nodiscard]] Result<void> advance(Table& table);
    void read_raw(const Statement& rows);
    void read_bucket(const Statement& rows, const Tier& tier);

    const HistoryFile* file_;
    bool histograms_ = false;
    // Before the statements, so that they are gone when it ends.
    std::unique_ptr<Transaction> transaction_;
    std::vector<Table> tables_;
    Table* shown_ = nullptr;
    Bucket row_;
};

// The same rows put together until each spans `step_ms` at least; 0 leaves them as they are.
class StepCursor {
  public:
    StepCursor(RowCursor rows, std::int64_t step_ms) : rows_(std::move(rows)), step_ms_(step_ms) {}
    [[nodiscard]] Result<const Bucket*> next();

  private:
    RowCursor rows_;
    std::int64_t step_ms_;
    std::optional<Bucket> pending_;
    Bucket done_;
};

// From the first row's begin to the newest row's end; nothing in an empty file.
[[nodiscard]] Result<std::optional<Span>> extent(HistoryFile& file);

}  // namespace wanctl::history
