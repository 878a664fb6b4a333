#include "shm/inspect/watch_chart.hpp"

#include <algorithm>
#include <cmath>

namespace wanctl::inspect {
namespace {

constexpr int kScaleColumns = 14;

int level_of(double value, const Chart& chart, int top) {
    const double range = chart.high - chart.low;
    const double share = range > 0 ? (value - chart.low) / range : 0.0;
    return std::clamp(static_cast<int>(std::lround(share * top)), 1, top);
}

void draw_column(Window& window, int column, int level, Style style, const Glyphs& glyphs) {
    for (int row = window.rows() - 1; row >= 0 && level > 0; --row, level -= Glyphs::kLevels) {
        const int filled = std::min(level, Glyphs::kLevels);
        window.put(row, column, glyphs.level[static_cast<std::size_t>(filled)], style);
    }
}

void draw_scale(Window& window, const Chart& chart) {
    const int column = window.columns() - kScaleColumns + 1;
    if (window.rows() == 1) {
        window.put(0, column, chart.low_text + ".." + chart.high_text, kQuiet);
        return;
    }
    window.put(0, column, chart.high_text, kQuiet);
    window.put(window.rows() - 1, column, chart.low_text, kQuiet);
}

}  // namespace

Style zone_style(Zone zone) {
    switch (zone) {
        case Zone::green:
            return {Hue::green};
        case Zone::yellow:
            return {Hue::yellow, true};
        case Zone::soft_red:
            return {Hue::orange, true};
        case Zone::red:
            return {Hue::red, true, true};
    }
    return kAlarm;
}

char32_t zone_letter(Zone zone) {
    switch (zone) {
        case Zone::green:
            return U'G';
        case Zone::yellow:
            return U'Y';
        case Zone::soft_red:
            return U'S';
        case Zone::red:
            return U'R';
    }
    return U'?';
}

int put_label(Window& window, int row, std::string_view label) {
    window.put(row, 0, label, kQuiet);
    return kLabelColumns;
}

int chart_columns(const Window& window) {
    return std::max(window.columns() - kLabelColumns - kScaleColumns, 1);
}

void draw_chart(Window window, const Chart& chart, const std::vector<ChartPoint>& points,
                const Glyphs& glyphs) {
    window.put(0, 0, chart.label, kQuiet);
    const int right = kLabelColumns + chart_columns(window);
    int column = right - static_cast<int>(points.size());
    for (const ChartPoint& point : points) {
        // A whole cell in reverse would not show its level.
        Style style = point.style;
        style.reverse = false;
        if (point.value) {
            draw_column(window, column,
                        level_of(*point.value, chart, window.rows() * Glyphs::kLevels), style,
                        glyphs);
        } else if (point.instead != 0) {
            window.put(window.rows() - 1, column, point.instead, point.style);
        }
        ++column;
    }
    draw_scale(window, chart);
}

void draw_strip(Window window, std::string_view label, const std::vector<Cell>& cells) {
    window.put(0, 0, label, kQuiet);
    int column = kLabelColumns + chart_columns(window) - static_cast<int>(cells.size());
    for (const Cell& cell : cells) window.put(0, column++, cell.glyph, cell.style);
}

void draw_bar(Window window, std::string_view label, const Bar& bar, const Glyphs& glyphs) {
    window.put(0, 0, label, kQuiet);
    const int left = kLabelColumns + 1;
    const int width = window.columns() - left - 1 - static_cast<int>(bar.text.size()) - 1;
    if (width < 4 || bar.full <= 0) {
        window.put(0, kLabelColumns, bar.text);
        return;
    }
    const auto place = [&](std::int64_t at) {
        const double share = static_cast<double>(at) / static_cast<double>(bar.full);
        return std::clamp(static_cast<int>(std::lround(share * width)), 0, width);
    };
    Style filled = bar.style;
    filled.reverse = false;
    window.put(0, left - 1, U'[', kQuiet);
    for (int i = 0; i < width; ++i) {
        const bool held = i < place(bar.held);
        window.put(0, left + i, held ? glyphs.full : glyphs.rest, held ? filled : kQuiet);
    }
    for (const Bar::Mark& mark : bar.marks) {
        window.put(0, left + std::min(place(mark.at), width - 1), mark.letter,
                   Style{Hue::plain, true, true});
    }
    window.put(0, left + width, U']', kQuiet);
    window.put(0, left + width + 2, bar.text);
}

}  // namespace wanctl::inspect
