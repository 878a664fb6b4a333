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
        const auto found = std::ranges::find(rows, info.name, &CounterRow::counter);
        const CounterRow row = found == rows.end() ? CounterRow{} : *found;
        const std::string metric = row.metric.empty() ? fmt::format("wanctl_{}_total", info.name)
                                                      : std::string(row.metric);
        if (metric != before) {
            out.family(metric, row.seconds ? "gauge" : "counter",
                       row.help.empty() ? info.help : row.help);
        }
        before = metric;
        for (const RecordSource& source : sources) {
            const auto value = static_cast<double>((*source.counter)(i));
            out.sample(metric, join(source.labels.front(), row.labels),
                       row.seconds ? value / 1e9 : value);
        }
    }
}

}  // namespace wanctl::metrics
