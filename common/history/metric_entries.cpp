#include "common/history/metric_entries.hpp"

#include <utility>

namespace wanctl::history {

MetricCursor::MetricCursor(const Layout& layout, const MetricChoice& choice) : layout_(&layout) {
    for (std::size_t i = 0; i < layout.quantities.size(); ++i)
        if (choice.columns.quantity[i]) columns_.push_back({false, i});
    for (std::size_t i = 0; i < layout.axes.size(); ++i)
        if (choice.columns.axis[i] && !layout.axes[i].metric.empty()) columns_.push_back({true, i});
}

Result<MetricCursor> MetricCursor::open(HistoryFile& file, const Span& span,
                                        const MetricChoice& choice) {
    if (auto fresh = file.refresh(); !fresh) return tl::unexpected(fresh.error());
    MetricCursor cursor(file.layout(), choice);
    cursor.file_ = &file;
    if (!cursor.columns_.empty()) {
        auto rows = RowCursor::open(file, span);
        if (!rows) return tl::unexpected(rows.error());
        cursor.rows_.emplace(std::move(*rows));
    }
    if (choice.transitions) {
        auto found =
            Statement::prepare(file.database(), std::string(file.layout().transition_metrics) +
                                                    " WHERE at_ms >= ?1 AND at_ms < ?2 "
                                                    "ORDER BY at_ms, slot, direction");
        if (!found) return file.refuse(found.error());
        found->bind(1, span.from_ms);
        found->bind(2, span.to_ms);
        cursor.transitions_.emplace(std::move(*found));
    }
    return cursor;
}

Result<const MetricEntry*> MetricCursor::next() {
    if (!std::exchange(begun_, true)) {
        if (auto ready = next_row(); !ready) return tl::unexpected(ready.error());
        if (auto ready = next_transition(); !ready) return tl::unexpected(ready.error());
    } else if (row_ != nullptr && place_ == columns_.size()) {
        if (auto ready = next_row(); !ready) return tl::unexpected(ready.error());
    }
    const bool within_row = row_ != nullptr && place_ > 0;
    if (row_ != nullptr && (within_row || !upcoming_ || row_->at_ms <= upcoming_->at_ms)) {
        tell_column(columns_[place_++]);
        return &entry_;
    }
    if (!upcoming_) return nullptr;
    if (auto told = tell_transition(); !told) return tl::unexpected(told.error());
    return &entry_;
}

Result<void> MetricCursor::next_row() {
    row_ = nullptr;
    place_ = 0;
    if (!rows_) return {};
    const auto row = rows_->next();
    if (!row) return tl::unexpected(row.error());
    row_ = *row;
    if (row_ != nullptr) granularity_ = granularity_text(row_->length_ms);
    return {};
}

Result<void> MetricCursor::next_transition() {
    upcoming_.reset();
    if (!transitions_) return {};
    const auto more = transitions_->step();
    if (!more) return file_->refuse(more.error());
    if (!*more) {
        transitions_.reset();
        return {};
    }
    upcoming_ = {transitions_->integer(0), transitions_->text(1), transitions_->integer(2),
                 transitions_->text(3), transitions_->text(4)};
    return {};
}

void MetricCursor::tell_column(const Column& column) {
    entry_.at_ms = row_->at_ms;
    entry_.granularity = granularity_;
    entry_.value.reset();
    if (column.is_axis) {
        const Axis& axis = layout_->axes[column.index];
        entry_.metric = axis.metric;
        entry_.labels = axis.labels;
        if (const auto zone = row_->zone(column.index)) entry_.value = static_cast<double>(*zone);
        return;
    }
    const Quantity& quantity = layout_->quantities[column.index];
    const Amount& amount = row_->amount[column.index];
    entry_.metric = quantity.metric;
    entry_.labels = {};
    if (amount.n > 0) entry_.value = amount.mean() / quantity.per_metric;
}

Result<void> MetricCursor::tell_transition() {
    told_ = std::move(*upcoming_);
    entry_ = {told_.at_ms, told_.metric, static_cast<double>(told_.value), told_.labels,
              told_.granularity};
    return next_transition();
}

}  // namespace wanctl::history
