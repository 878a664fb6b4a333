#include "common/metrics/record_rows.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

namespace wanctl::metrics {

namespace {

const FieldInfo* find(std::span<const FieldInfo> fields, std::string_view name) {
    const auto found = std::ranges::find(fields, name, &FieldInfo::name);
    if (found == fields.end())
        throw std::logic_error(fmt::format("metrics: the record has no field {}", name));
    return &*found;
}

double number(const FieldInfo& field, std::int64_t value) {
    return field.type == FieldType::u64 ? static_cast<double>(static_cast<std::uint64_t>(value))
                                        : static_cast<double>(value);
}

constexpr std::string_view kHistory = "history_state";

constexpr CounterRow kHistoryRows[] = {
    {kHistory, "wanctl_history_state", "", "", true, 1, kHistory},
    {"history_rows", "wanctl_history_rows_total", "", "", false, 1, kHistory},
    {"history_lost", "wanctl_history_lost_records_total", "", "", false, 1, kHistory},
    {"history_events_dropped", "wanctl_history_events_dropped_total", "", "", false, 1, kHistory},
    {"history_failures", "wanctl_history_failures_total", "", "", false, 1, kHistory},
    {"history_waiting", "wanctl_history_waiting_rows", "", "", true, 1, kHistory},
    {"history_bytes", "wanctl_history_size_bytes", "", "", true, 1, kHistory},
    {"history_commit_us", "wanctl_history_commit_seconds", "", "", true, 1e-6, kHistory},
    {"history_worst_commit_us", "wanctl_history_worst_commit_seconds", "", "", true, 1e-6,
     kHistory},
};

CounterRow row_of(std::string_view counter, std::span<const CounterRow> rows) {
    for (const auto table : {rows, std::span<const CounterRow>(kHistoryRows)}) {
        const auto found = std::ranges::find(table, counter, &CounterRow::counter);
        if (found != table.end()) return *found;
    }
    return {};
}

std::uint64_t value_of(std::span<const CounterInfo> counters, std::string_view name,
                       const RecordSource& source) {
    const auto found = std::ranges::find(counters, name, &CounterInfo::name);
    return found == counters.end()
               ? 0
               : (*source.counter)(static_cast<std::size_t>(found - counters.begin()));
}

}  // namespace

RecordRows::RecordRows(std::span<const FieldInfo> fields, std::span<const RecordRow> rows) {
    for (const RecordRow& row : rows) {
        rows_.push_back(
            {&row, find(fields, row.field), row.needs.empty() ? nullptr : find(fields, row.needs)});
    }
}

void RecordRows::write(Exposition& out, std::span<const RecordSource> sources, Names names) const {
    std::string_view metric;
    for (const auto& [row, field, needs] : rows_) {
        if (names == Names::base && !row->base) continue;
        if (row->metric != metric) out.family(row->metric, row->type, row->help);
        metric = row->metric;
        for (const RecordSource& source : sources) {
            if (source.record == nullptr) continue;
            const std::int64_t value = field_value(*field, source.record);
            if (is_unknown(*field, value)) continue;
            if (needs != nullptr && is_unknown(*needs, field_value(*needs, source.record)))
                continue;
            out.sample(row->metric, join(source.labels[row->subject], row->labels),
                       number(*field, value) * row->scale);
        }
    }
}

void write_counters(Exposition& out, std::span<const CounterInfo> counters,
                    std::span<const CounterRow> rows, std::span<const RecordSource> sources) {
    std::string before;
    for (std::size_t i = 0; i < counters.size(); ++i) {
        const CounterInfo& info = counters[i];
        const CounterRow row = row_of(info.name, rows);
        const auto shown = [&](const RecordSource& source) {
            return row.needs.empty() || value_of(counters, row.needs, source) != 0;
        };
        if (std::ranges::none_of(sources, shown)) continue;
        const std::string metric = row.metric.empty() ? fmt::format("wanctl_{}_total", info.name)
                                                      : std::string(row.metric);
        if (metric != before) {
            out.family(metric, row.gauge ? "gauge" : "counter",
                       row.help.empty() ? info.help : row.help);
        }
        before = metric;
        for (const RecordSource& source : sources) {
            if (!shown(source)) continue;
            out.sample(metric, join(source.labels.front(), row.labels),
                       static_cast<double>((*source.counter)(i)) * row.scale);
        }
    }
}

}  // namespace wanctl::metrics
