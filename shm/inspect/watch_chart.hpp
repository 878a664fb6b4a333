// Charts, zone strips and bars of the live view, and the colours and words they share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/record/states.hpp"
#include "shm/inspect/watch_canvas.hpp"
#include "shm/inspect/watch_history.hpp"

namespace wanctl::inspect {

// Colour only ever repeats what a word or a letter beside it says.
[[nodiscard]] Style zone_style(Zone zone);
// "G", "Y", "S", "R".
[[nodiscard]] char32_t zone_letter(Zone zone);

inline constexpr Style kQuiet{Hue::grey};
inline constexpr Style kAlarm{Hue::red, true, true};
inline constexpr Style kStrong{Hue::plain, true};

struct ChartPoint {
    std::optional<double> value;  // nothing = an empty column
    Style style;
    char32_t instead = 0;  // shown at the bottom when there is no value
};

struct Chart {
    std::string_view label;
    double low = 0;   // the lowest level; at or below it one eighth is still drawn
    double high = 1;  // the full height
    std::string low_text = "0";
    std::string high_text;
};

// Columns left for the points in a window that wide: the label is on the left, the scale on the
// right.
[[nodiscard]] int chart_columns(const Window& window);
// The last point at the right. Uses all rows of the window.
void draw_chart(Window window, const Chart& chart, const std::vector<ChartPoint>& points,
                const Glyphs& glyphs);
// A letter a column, below a chart of the same window width.
void draw_strip(Window window, std::string_view label, const std::vector<Cell>& cells);

// One row: what is held as a bar from 0 to `full`, with marks on it.
struct Bar {
    struct Mark {
        std::int64_t at = 0;
        char32_t letter = U' ';
    };

    std::int64_t full = 0;
    std::int64_t held = 0;
    Style style;
    std::vector<Mark> marks;
    std::string text;  // to the right
};
void draw_bar(Window window, std::string_view label, const Bar& bar, const Glyphs& glyphs);

// Returns kLabelColumns.
int put_label(Window& window, int row, std::string_view label);

// Where the texts behind the labels begin.
inline constexpr int kLabelColumns = 11;

}  // namespace wanctl::inspect
