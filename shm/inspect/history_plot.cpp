#include "shm/inspect/history_plot.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

#include <fmt/format.h>

#include "common/history/when.hpp"
#include "shm/inspect/history_columns.hpp"
#include "shm/inspect/watch_chart.hpp"

namespace wanctl::inspect {
namespace {

using namespace history;

constexpr int kChartRows = 6;
constexpr int kLeastColumns = 40;

// A Window of a canvas that wide has this many columns for points.
std::size_t point_columns(int width) {
    Canvas canvas(1, width);
    return static_cast<std::size_t>(chart_columns(Window(canvas)));
}

Style zone_style_of(const Axis& axis, std::size_t zone) {
    if (axis.zones.size() == kMaxZones) return zone_style(static_cast<Zone>(zone));
    return zone == 0 ? Style{Hue::green} : Style{Hue::yellow, true};
}

std::optional<std::size_t> quantity_called(const Layout& layout, std::string_view stem) {
    for (std::size_t i = 0; i < layout.quantities.size(); ++i)
        if (layout.quantities[i].stem == stem) return i;
    return std::nullopt;
}

std::string sequence_of(const Style& style) {
    if (style == Style{}) return "\x1b[0m";
    std::string codes = "\x1b[0";
    if (style.bold) codes += ";1";
    if (style.reverse) codes += ";7";
    switch (style.hue) {
        case Hue::plain:
            break;
        case Hue::green:
            codes += ";32";
            break;
        case Hue::yellow:
            codes += ";33";
            break;
        case Hue::orange:
            codes += ";38;5;208";
            break;
        case Hue::red:
            codes += ";31";
            break;
        case Hue::cyan:
            codes += ";36";
            break;
        case Hue::grey:
            codes += ";90";
            break;
    }
    return codes + "m";
}

}  // namespace

HistoryPlot::HistoryPlot(const Layout& layout, const Choice& choice, const Span& span, int columns)
    : layout_(layout),
      choice_(choice),
      span_(span),
      width_(std::max(columns, kLeastColumns)),
      columns_(point_columns(width_)) {}

void HistoryPlot::add(const Bucket& bucket) {
    const auto count = static_cast<std::int64_t>(columns_.size());
    const std::int64_t length = span_.to_ms - span_.from_ms;
    const auto column_at = [&](std::int64_t at_ms) {
        return std::clamp<std::int64_t>(
            static_cast<std::int64_t>(static_cast<double>(at_ms - span_.from_ms) *
                                      static_cast<double>(count) / static_cast<double>(length)),
            0, count - 1);
    };
    const std::int64_t last = bucket.at_ms + std::max<std::int64_t>(bucket.length_ms - 1, 0);
    for (std::int64_t i = column_at(bucket.at_ms); i <= column_at(last); ++i)
        columns_[static_cast<std::size_t>(i)].add(bucket);
}

std::vector<HistoryPlot::Part> HistoryPlot::parts() const {
    std::vector<Part> all;
    std::vector<bool> shown(layout_.axes.size());
    const auto show_axis = [&](std::size_t axis) {
        if (choice_.axis[axis] && !shown[axis]) all.push_back({false, axis});
        shown[axis] = true;
    };
    const bool has_rtt = quantity_called(layout_, "rtt").has_value();
    for (std::size_t i = 0; i < layout_.quantities.size(); ++i) {
        const std::string_view stem = layout_.quantities[i].stem;
        // RTT over the baseline tells both, and delta.
        const bool told = has_rtt && (stem == "baseline" || stem == "delta");
        const auto rtt = quantity_called(layout_, "rtt");
        if (!choice_.quantity[i] || (told && choice_.quantity[*rtt])) continue;
        all.push_back({true, i});
        for (std::size_t axis = 0; axis < layout_.axes.size(); ++axis)
            if (layout_.axes[axis].stem == stem) show_axis(axis);
    }
    for (std::size_t axis = 0; axis < layout_.axes.size(); ++axis) show_axis(axis);
    return all;
}

std::optional<std::size_t> HistoryPlot::zone_of(const Bucket& column, std::size_t axis) const {
    for (std::size_t zone = layout_.axes[axis].zones.size(); zone-- > 1;)
        if (column.share(axis, zone) >= 0.1) return zone;
    return column.zone(axis);
}

Style HistoryPlot::style_of(const Bucket& column, std::size_t quantity) const {
    std::optional<std::size_t> worst;
    std::size_t of = 0;
    for (std::size_t axis = 0; axis < layout_.axes.size(); ++axis) {
        const bool own = layout_.axes[axis].stem == layout_.quantities[quantity].stem;
        const auto zone = zone_of(column, axis);
        if (own) return zone ? zone_style_of(layout_.axes[axis], *zone) : Style{};
        if (zone && (!worst || *zone > *worst)) {
            worst = zone;
            of = axis;
        }
    }
    return worst ? zone_style_of(layout_.axes[of], *worst) : Style{};
}

void HistoryPlot::draw_quantity(Window window, std::size_t quantity, const Glyphs& glyphs) const {
    const Quantity& what = layout_.quantities[quantity];
    std::vector<ChartPoint> points;
    std::optional<double> low;
    double high = 0;
    const auto baseline = what.stem == "rtt" ? quantity_called(layout_, "baseline") : std::nullopt;
    for (const Bucket& column : columns_) {
        ChartPoint point;
        const Amount& amount = column.amount[quantity];
        if (amount.n > 0) {
            point.value = amount.mean() / what.per_metric;
            point.style = style_of(column, quantity);
            high = std::max(high, *point.value);
            const Amount& floor = column.amount[baseline.value_or(quantity)];
            if (baseline && floor.n > 0) {
                const double value = floor.mean() / what.per_metric;
                low = std::min(low.value_or(value), value);
            }
        } else {
            point.instead = U'?';
            if (column.cycles == 0) point.instead = 0;
        }
        points.push_back(point);
    }
    Chart chart;
    chart.label = column_name(what).substr(0, kLabelColumns - 1);
    std::string label;
    if (what.unit == "bps") label = fmt::format("{} mbps", what.stem);
    if (what.unit == "us") label = fmt::format("{} ms", what.stem);
    if (!label.empty()) chart.label = label;
    chart.low = low.value_or(0);
    chart.high = std::max(high, chart.low + 1e-6);
    chart.low_text = low ? fmt::format("baseline {:.1f}", *low) : "0";
    chart.high_text = fmt::format("{:.1f}", high);
    draw_chart(window, chart, points, glyphs);
}

void HistoryPlot::draw_zones(Window window, std::size_t axis) const {
    std::vector<Cell> cells;
    for (const Bucket& column : columns_) {
        const auto zone = zone_of(column, axis);
        Cell cell;
        if (zone) {
            const char letter = layout_.axes[axis].zones[*zone].front();
            cell.glyph = static_cast<char32_t>(std::toupper(static_cast<unsigned char>(letter)));
            cell.style = zone_style_of(layout_.axes[axis], *zone);
        }
        cells.push_back(cell);
    }
    std::string label(layout_.axes[axis].column);
    std::ranges::replace(label, '_', ' ');
    draw_strip(window, label, cells);
}

void HistoryPlot::draw_times(Window window) const {
    const auto minute = [](std::int64_t at_ms) {
        // "11-21 10:00+01:00": without year and seconds.
        const std::string text = local_text(at_ms);
        return text.substr(5, 11) + text.substr(19);
    };
    const int right = kLabelColumns + chart_columns(window);
    const std::string end = minute(span_.to_ms);
    window.put(0, kLabelColumns, minute(span_.from_ms), kQuiet);
    if (right - static_cast<int>(end.size()) > kLabelColumns + 18)
        window.put(0, right - static_cast<int>(end.size()), end, kQuiet);
}

Canvas HistoryPlot::draw(const Glyphs& glyphs) const {
    const auto all = parts();
    int rows = 1;
    for (const Part& part : all) rows += part.chart ? kChartRows : 1;
    Canvas canvas(rows, width_);
    Window whole(canvas);
    int row = 0;
    for (const Part& part : all) {
        const int height = part.chart ? kChartRows : 1;
        const Window window = whole.part(row, 0, height, width_);
        if (part.chart)
            draw_quantity(window, part.index, glyphs);
        else
            draw_zones(window, part.index);
        row += height;
    }
    draw_times(whole.part(row, 0, 1, width_));
    return canvas;
}

std::string picture_text(const Canvas& canvas, bool colour) {
    if (!colour) return canvas.text();
    std::string text;
    for (int row = 0; row < canvas.rows(); ++row) {
        Style now;
        for (int column = 0; column < canvas.columns(); ++column) {
            const Cell& cell = canvas.at(row, column);
            if (cell.style != now) text += sequence_of(now = cell.style);
            append_utf8(text, cell.glyph);
        }
        if (now != Style{}) text += sequence_of({});
        text += '\n';
    }
    return text;
}

}  // namespace wanctl::inspect
