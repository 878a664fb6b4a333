#include "common/history/reader.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "common/history/rows_sql.hpp"

namespace wanctl::history {

namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;

std::int64_t floor_to(std::int64_t value, std::int64_t step) {
    const std::int64_t rest = value % step;
    return value - (rest < 0 ? rest + step : rest);
}

}  // namespace

void Amount::add(const Amount& other) {
    if (other.n == 0) return;
    min = n == 0 ? other.min : std::min(min, other.min);
    max = n == 0 ? other.max : std::max(max, other.max);
    sum += other.sum;
    n += other.n;
}

void Bucket::add(const Bucket& other) {
    cycles += other.cycles;
    span_us += other.span_us;
    for (std::size_t i = 0; i < amount.size(); ++i) amount[i].add(other.amount[i]);
    for (std::size_t axis = 0; axis < zone_us.size(); ++axis)
        for (std::size_t zone = 0; zone < zone_us[axis].size(); ++zone)
            zone_us[axis][zone] += other.zone_us[axis][zone];
}

std::optional<std::size_t> Bucket::zone(std::size_t axis) const {
    const auto& times = zone_us[axis];
    std::size_t longest = 0;
    for (std::size_t i = 1; i < times.size(); ++i)
        if (times[i] > 0 && times[i] >= times[longest]) longest = i;
    return times[longest] > 0 ? std::optional(longest) : std::nullopt;
}

double Bucket::share(std::size_t axis, std::size_t zone) const {
    return span_us <= 0 ? 0
                        : static_cast<double>(zone_us[axis][zone]) / static_cast<double>(span_us);
}

std::string granularity_text(std::int64_t length_ms) {
    if (length_ms == 0) return "raw";
    for (const Tier& tier : kTiers)
        if (tier.bucket_ms == length_ms) return std::string(tier.granularity);
    return length_text(length_ms);
}

std::optional<std::int64_t> granularity_of(std::string_view name) {
    if (name == "raw") return 0;
    for (const Tier& tier : kTiers)
        if (tier.granularity == name) return tier.bucket_ms;
    return std::nullopt;
}

std::int64_t step_for(const Span& span) {
    const std::int64_t length = span.to_ms - span.from_ms;
    if (length <= 5 * kMinute) return 0;
    if (length <= 6 * kHour) return kMinute;
    if (length <= 48 * kHour) return 5 * kMinute;
    return kHour;
}

RowCursor::Transaction::~Transaction() {
    (void)run(database, "COMMIT");
}

Result<RowCursor> RowCursor::open(HistoryFile& file, const Span& span, bool histograms) {
    if (auto fresh = file.refresh(); !fresh) return tl::unexpected(fresh.error());
    RowCursor cursor(file);
    cursor.histograms_ = histograms;
    if (auto begun = run(file.database(), "BEGIN"); !begun) return file.refuse(begun.error());
    cursor.transaction_ = std::make_unique<Transaction>();
    cursor.transaction_->database = file.database();
    // The coarser first: of rows that begin together it goes first.
    for (auto tier = kTiers.rbegin(); tier != kTiers.rend(); ++tier) {
        cursor.tables_.emplace_back();
        cursor.tables_.back().tier = &*tier;
    }
    cursor.tables_.emplace_back();
    for (Table& table : cursor.tables_) {
        auto rows =
            Statement::prepare(file.database(), rows_sql(file.layout(), table.tier, histograms));
        if (!rows) return file.refuse(rows.error());
        table.rows = std::move(*rows);
        table.rows.bind(1, span.from_ms);
        table.rows.bind(2, span.to_ms);
        if (auto ready = cursor.advance(table); !ready) return tl::unexpected(ready.error());
    }
    return cursor;
}

Result<void> RowCursor::advance(Table& table) {
    const auto more = table.rows.step();
    if (!more) return file_->refuse(more.error());
    table.ready = *more;
    if (table.ready) table.at_ms = table.rows.integer(0);
    return {};
}

Result<const Bucket*> RowCursor::next() {
    // The row shown last is let go only now, with its histograms.
    if (shown_ != nullptr) {
        if (auto ready = advance(*shown_); !ready) return tl::unexpected(ready.error());
    }
    shown_ = nullptr;
    for (Table& table : tables_)
        if (table.ready && (shown_ == nullptr || table.at_ms < shown_->at_ms)) shown_ = &table;
    if (shown_ == nullptr) return nullptr;
    row_.at_ms = shown_->at_ms;
    row_.span_us = shown_->rows.integer(1);
    row_.zone_us = {};
    if (shown_->tier == nullptr)
        read_raw(shown_->rows);
    else
        read_bucket(shown_->rows, *shown_->tier);
    return &row_;
}

void RowCursor::read_raw(const Statement& rows) {
    row_.length_ms = 0;
    row_.cycles = 1;
    int column = 2;
    const Layout& layout = file_->layout();
    for (std::size_t i = 0; i < layout.quantities.size(); ++i) {
        const auto value = rows.maybe(column++);
        row_.amount[i] = value ? Amount{1, *value, *value, *value} : Amount{};
        row_.histogram[i] = {};
    }
    for (std::size_t i = 0; i < layout.axes.size(); ++i) {
        const auto zone = rows.maybe(column++);
        // A zone of a newer version is not known here.
        if (zone && *zone >= 0 && static_cast<std::size_t>(*zone) < layout.axes[i].zones.size())
            row_.zone_us[i][static_cast<std::size_t>(*zone)] = row_.span_us;
    }
}

void RowCursor::read_bucket(const Statement& rows, const Tier& tier) {
    row_.length_ms = tier.bucket_ms;
    row_.cycles = rows.integer(2);
    int column = 3;
    const Layout& layout = file_->layout();
    for (std::size_t i = 0; i < layout.quantities.size(); ++i) {
        row_.amount[i] = {rows.integer(column), rows.integer(column + 1), rows.integer(column + 2),
                          rows.integer(column + 3)};
        column += 4;
        if (histograms_ && layout.quantities[i].histogram)
            row_.histogram[i] = rows.blob(column++);
        else
            row_.histogram[i] = {};
    }
    for (std::size_t i = 0; i < layout.axes.size(); ++i)
        for (std::size_t zone = 0; zone < layout.axes[i].zones.size(); ++zone)
            row_.zone_us[i][zone] = rows.integer(column++);
}

Result<const Bucket*> StepCursor::next() {
    if (step_ms_ == 0) return rows_.next();
    for (;;) {
        auto row = rows_.next();
        if (!row) return row;
        if (*row == nullptr) {
            if (!pending_) return nullptr;
            done_ = *std::exchange(pending_, std::nullopt);
            return &done_;
        }
        const std::int64_t length = std::max((*row)->length_ms, step_ms_);
        const std::int64_t begin = floor_to((*row)->at_ms, length);
        const bool same = pending_ && pending_->length_ms == length && pending_->at_ms == begin;
        if (same) {
            pending_->add(**row);
            continue;
        }
        const auto done = std::exchange(pending_, **row);
        pending_->at_ms = begin;
        pending_->length_ms = length;
        pending_->histogram = {};
        if (!done) continue;
        done_ = *done;
        return &done_;
    }
}

Result<std::optional<Span>> extent(HistoryFile& file) {
    if (auto fresh = file.refresh(); !fresh) return tl::unexpected(fresh.error());
    std::optional<Span> found;
    const auto add = [&](std::string_view table, std::int64_t length) -> Result<void> {
        auto ends = Statement::prepare(
            file.database(),
            fmt::format("SELECT (SELECT min(at_ms) FROM {0}), (SELECT max(at_ms) FROM {0})",
                        table));
        if (!ends) return file.refuse(ends.error());
        const auto row = ends->step();
        if (!row) return file.refuse(row.error());
        const auto first = ends->maybe(0);
        const auto newest = ends->maybe(1);
        if (!*row || !first || !newest) return {};
        const Span span{*first, *newest + std::max<std::int64_t>(length, 1)};
        found =
            found ? Span{std::min(found->from_ms, span.from_ms), std::max(found->to_ms, span.to_ms)}
                  : span;
        return {};
    };
    if (auto added = add("cycles", 0); !added) return tl::unexpected(added.error());
    for (const Tier& tier : kTiers)
        if (auto added = add(tier.table, tier.bucket_ms); !added)
            return tl::unexpected(added.error());
    return found;
}

}  // namespace wanctl::history
