#include "common/history/aggregate.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wanctl::history {

namespace {

void add(QuantitySum& to, const QuantitySum& more) {
    if (more.n == 0) return;
    to.min = to.n == 0 ? more.min : std::min(to.min, more.min);
    to.max = to.n == 0 ? more.max : std::max(to.max, more.max);
    to.n += more.n;
    to.sum += more.sum;
}

}  // namespace

void Aggregate::add(const Row& row, const Layout& layout) {
    ++cycles;
    span_us += row.span_us;
    for (std::size_t i = 0; i < layout.quantities.size(); ++i) {
        if (!row.value[i]) continue;
        const std::int64_t value = *row.value[i];
        history::add(quantity[i], {1, value, value, value, {}});
        if (layout.quantities[i].histogram) quantity[i].histogram.add(value);
    }
    for (std::size_t i = 0; i < layout.axes.size(); ++i) {
        const std::int64_t zone = row.zone[i].value_or(-1);
        if (zone < 0 || zone >= static_cast<std::int64_t>(layout.axes[i].zones.size())) continue;
        zone_us[i][static_cast<std::size_t>(zone)] += row.span_us;
    }
}

void Aggregate::add(const Aggregate& other, const Layout& layout) {
    cycles += other.cycles;
    span_us += other.span_us;
    for (std::size_t i = 0; i < layout.quantities.size(); ++i) {
        history::add(quantity[i], other.quantity[i]);
        quantity[i].histogram.add(other.quantity[i].histogram);
    }
    for (std::size_t i = 0; i < layout.axes.size(); ++i)
        for (std::size_t zone = 0; zone < layout.axes[i].zones.size(); ++zone)
            zone_us[i][zone] += other.zone_us[i][zone];
}

std::string tier_columns(const Layout& layout) {
    std::string columns = "at_ms, cycles, span_us";
    for (const Quantity& each : layout.quantities) {
        columns += fmt::format(", {0}_n, {0}_min, {0}_sum, {0}_max", each.stem);
        if (each.histogram) columns += fmt::format(", {}_hist", each.stem);
    }
    for (const Axis& axis : layout.axes)
        for (const std::string_view zone : axis.zones)
            columns += fmt::format(", {}_{}_us", axis.stem, zone);
    return columns;
}

void bind_bucket(Statement& statement, std::int64_t at_ms, const Aggregate& aggregate,
                 const Layout& layout, std::array<std::string, kMaxQuantities>& stored) {
    int place = 0;
    for (const std::int64_t value : {at_ms, aggregate.cycles, aggregate.span_us})
        statement.bind(++place, value);
    for (std::size_t i = 0; i < layout.quantities.size(); ++i) {
        const QuantitySum& sum = aggregate.quantity[i];
        const auto known = [&sum](std::int64_t value) {
            return sum.n == 0 ? std::nullopt : std::optional(value);
        };
        statement.bind(++place, sum.n);
        for (const std::int64_t value : {sum.min, sum.sum, sum.max})
            statement.bind(++place, known(value));
        if (!layout.quantities[i].histogram) continue;
        stored[i] = sum.histogram.stored();
        statement.bind_blob(++place, stored[i]);
    }
    for (std::size_t i = 0; i < layout.axes.size(); ++i)
        for (std::size_t zone = 0; zone < layout.axes[i].zones.size(); ++zone)
            statement.bind(++place, aggregate.zone_us[i][zone]);
}

bool read_bucket(const Statement& statement, const Layout& layout, std::int64_t& at_ms,
                 Aggregate& out) {
    out = {};
    int column = 0;
    at_ms = statement.integer(column++);
    out.cycles = statement.integer(column++);
    out.span_us = statement.integer(column++);
    for (std::size_t i = 0; i < layout.quantities.size(); ++i) {
        QuantitySum& sum = out.quantity[i];
        sum.n = statement.integer(column++);
        sum.min = statement.integer(column++);
        sum.sum = statement.integer(column++);
        sum.max = statement.integer(column++);
        if (layout.quantities[i].histogram && !sum.histogram.add_stored(statement.blob(column++)))
            return false;
    }
    for (std::size_t i = 0; i < layout.axes.size(); ++i)
        for (std::size_t zone = 0; zone < layout.axes[i].zones.size(); ++zone)
            out.zone_us[i][zone] = statement.integer(column++);
    return true;
}

std::string cycle_columns(const Layout& layout) {
    std::string columns = "at_ms, slot, span_us";
    for (const Quantity& each : layout.quantities) columns += ", " + raw_column(each);
    for (const Axis& axis : layout.axes) columns += fmt::format(", {}", axis.column);
    return columns;
}

void bind_row(Statement& statement, const Row& row, const Layout& layout) {
    int place = 0;
    for (const std::int64_t value : {row.at_ms, row.slot, row.span_us})
        statement.bind(++place, value);
    for (std::size_t i = 0; i < layout.quantities.size(); ++i)
        statement.bind(++place, row.value[i]);
    for (std::size_t i = 0; i < layout.axes.size(); ++i) statement.bind(++place, row.zone[i]);
}

Row read_row(const Statement& statement, const Layout& layout) {
    Row row;
    int column = 0;
    row.at_ms = statement.integer(column++);
    row.slot = statement.integer(column++);
    row.span_us = statement.integer(column++);
    for (std::size_t i = 0; i < layout.quantities.size(); ++i)
        row.value[i] = statement.maybe(column++);
    for (std::size_t i = 0; i < layout.axes.size(); ++i) row.zone[i] = statement.maybe(column++);
    return row;
}

}  // namespace wanctl::history
