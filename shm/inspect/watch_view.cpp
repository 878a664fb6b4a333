#include "shm/inspect/watch_view.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "common/record/states.hpp"
#include "common/record/steering_reason_text.hpp"
#include "common/record/steering_states.hpp"
#include "shm/inspect/render.hpp"
#include "shm/inspect/watch_chart.hpp"
#include "shm/inspect/watch_cycle_panel.hpp"
#include "shm/inspect/watch_panel.hpp"
#include "shm/inspect/watch_steering_panel.hpp"
#include "shm/inspect/watch_words.hpp"

namespace wanctl::inspect {
namespace {

constexpr int kPanelColumns = 90;  // a panel this wide may have a neighbour
constexpr int kPanelRows = 18;     // a panel this high may have one below

struct Frame {
    const WatchModel& model;
    const WatchChoice& choice;
    const Glyphs& glyphs;

    [[nodiscard]] Nanos span() const { return kWatchSpans[choice.span]; }
    [[nodiscard]] std::size_t selected() const { return selected_index(model, choice); }
};

std::string span_text(Nanos span) {
    return span < std::chrono::minutes(1) ? fmt::format("{} s", span / std::chrono::seconds(1))
                                          : fmt::format("{} min", span / std::chrono::minutes(1));
}

void draw_title(Window window, const Frame& frame) {
    const std::size_t count = frame.model.segments.size();
    const auto ill = std::ranges::count_if(frame.model.segments, [](const WatchedSegment& each) {
        return health_word(each) != "live";
    });
    int column = window.put(0, 0, "wanctl", kStrong);
    column = window.put(0, column, fmt::format("  {} segment{}", count, count == 1 ? "" : "s"));
    if (ill > 0) column = window.put(0, column + 1, fmt::format(" {} NOT LIVE ", ill), kAlarm);
    if (frame.choice.paused) window.put(0, column + 1, " PAUSED ", {Hue::yellow, true, true});
    const std::string right = fmt::format("last {}  {}", span_text(frame.span()),
                                          time_text(frame.model.wall, true).substr(0, 19));
    window.put(0, window.columns() - static_cast<int>(right.size()), right);
}

void draw_keys(Window window) {
    static constexpr std::string_view kKeys[][2] = {
        {"q", "quit"},      {"?", "help"},        {"Tab", "next"},
        {"Space", "pause"}, {"+ -", "time span"}, {"Enter", "one/several"},
    };
    int column = 0;
    for (const auto& [key, meaning] : kKeys) {
        column = window.put(0, column, key, {Hue::cyan, true});
        column = window.put(0, column + 1, meaning, kQuiet) + 2;
    }
}

int draw_zone(Window& window, int column, const WatchedSegment& segment, std::size_t index) {
    const std::uint8_t zone = segment.cycle.newest->direction[index].zone;
    return window.put(0, column, word_of(segment, index == 0 ? "dl_zone" : "ul_zone", zone),
                      zone_style(static_cast<Zone>(zone)));
}

// The zone of one direction and its rate.
int draw_short_lane(Window& window, int column, const WatchedSegment& segment, std::size_t index) {
    const DirectionRecord& lane = segment.cycle.newest->direction[index];
    window.put(0, column, index == 0 ? "dl" : "ul", kQuiet);
    draw_zone(window, column + 3, segment, index);
    const std::string rate = short_rate(lane.wanted_bps);
    window.put(0, column + 19 - static_cast<int>(rate.size()), rate);
    return column + 21;
}

void draw_short_history(Window window, int column, const WatchedSegment& segment,
                        const Frame& frame) {
    const int room = window.columns() - column;
    if (room < 10) return;
    for (const CycleStretch& stretch :
         segment.cycle.history.columns(segment.chart_end, frame.span(), room)) {
        const auto zone = static_cast<Zone>(std::max(stretch.line[0].zone, stretch.line[1].zone));
        if (stretch.records > 0) window.put(0, column, zone_letter(zone), zone_style(zone));
        ++column;
    }
}

void draw_short_steering(Window& window, int column, const WatchedSegment& segment) {
    const SteeringRecord& record = *segment.steering.newest;
    column = window.put(0, column, word_of(segment, "state", record.state),
                        steering_style(record.state));
    if (record.score != kUnknownScore) {
        column = window.put(0, column, fmt::format("  score {}", record.score));
    }
    window.put(0, column,
               fmt::format("  rule {}  {}", word_of(segment, "rule_read", record.rule_read),
                           steering_reason_text(record)));
}

void draw_overview_line(Window window, std::size_t index, const Frame& frame) {
    const WatchedSegment& segment = frame.model.segments[index];
    const bool chosen = index == frame.selected();
    window.put(0, 0, fmt::format("{}{} {:<14.14}", chosen ? '>' : ' ', index + 1, segment.name),
               Style{Hue::cyan, chosen, false});
    window.put(0, 18, health_word(segment), health_style(segment));
    constexpr int kText = 29;
    if (!segment.trouble.empty()) {
        window.put(0, kText, segment.trouble);
        return;
    }
    if (segment.steering.newest) draw_short_steering(window, kText, segment);
    if (!segment.cycle.newest && !segment.steering.newest) window.put(0, kText, segment.note);
    if (!segment.cycle.newest) return;
    const CycleRecord& record = *segment.cycle.newest;
    int column = draw_short_lane(window, kText, segment, 0);
    column = draw_short_lane(window, column, segment, 1);
    column = window.put(0, column, fmt::format("{:>6} ms", ms_text(record.rtt_us)));
    draw_short_history(window, column + 2, segment, frame);
}

// As many lines as there is room for, the selected one among them.
void draw_overview(Window window, const Frame& frame) {
    const std::size_t count = frame.model.segments.size();
    const auto room = static_cast<std::size_t>(std::max(window.rows(), 0));
    std::size_t first = 0;
    if (count > room && frame.selected() >= room) first = frame.selected() - room + 1;
    for (std::size_t i = 0; i < room && first + i < count; ++i) {
        draw_overview_line(window.part(static_cast<int>(i), 0, 1, window.columns()), first + i,
                           frame);
    }
}

void draw_nothing(Window window, const Frame& frame) {
    const std::string_view why =
        frame.model.trouble.empty()
            ? std::string_view(
                  "no segments in shared memory: no daemon has run since the last boot")
            : std::string_view(frame.model.trouble);
    window.put(window.rows() / 2 - 1, 2, why, kStrong);
    window.put(window.rows() / 2, 2, "waiting for one to appear", kQuiet);
}

void draw_help(Window window) {
    static constexpr std::string_view kLines[] = {
        "Keys",
        "  Tab, arrows, 1..9   choose a segment",
        "  Space or p          hold the picture; again: go on with what is now",
        "  + and -             longer and shorter time span of the charts",
        "  Enter               one panel, or as many as fit",
        "  ? or h              this text, and away again",
        "  q, Ctrl-C           quit",
        "",
        "Charts run from left to right, now is at the right. A column shows the longest RTT and",
        "the lowest wanted rate of its time, in the colour of the worst zone; the zone is below:",
        "  G GREEN   Y YELLOW   S SOFT_RED   R RED   ! no reflector answers",
        "Steering: - GOOD   D DEGRADED (traffic goes by the alternate).",
        "Bars show what the router holds; w is what the law wants, f the floor of the zone.",
        "Reflectors: answered in this slot, asked, or resting (not asked now).",
    };
    int row = 0;
    for (const std::string_view line : kLines) window.put(row++, 1, line);
}

// The panels: the selected one, and with it as many as fit beside and below each other.
void draw_panels(Window window, const Frame& frame) {
    const auto count = static_cast<int>(frame.model.segments.size());
    int across = std::clamp(window.columns() / kPanelColumns, 1, count);
    int down = std::clamp(window.rows() / kPanelRows, 1, (count + across - 1) / across);
    if (frame.choice.single) across = down = 1;
    // Rather below each other than beside, where both would do: charts like to be wide.
    if (across * down > count) across = (count + down - 1) / down;
    const int shown = across * down;
    const int selected = static_cast<int>(frame.selected());
    const int first = std::clamp(selected - shown + 1, 0, std::max(count - shown, 0));
    for (int row = 0; row < down; ++row) {
        // A row that is not full shares its width among those that are there.
        const int in_row = std::min(across, count - first - row * across);
        const int top = window.rows() * row / down;
        const int rows = window.rows() * (row + 1) / down - top;
        for (int column = 0; column < in_row; ++column) {
            const int index = first + row * across + column;
            const int left = window.columns() * column / in_row;
            const int gap = column + 1 < in_row ? 1 : 0;
            const int columns = window.columns() * (column + 1) / in_row - left - gap;
            const PanelLook look{frame.span(), frame.glyphs, index == selected && shown > 1};
            draw_panel(window.part(top, left, rows, columns),
                       frame.model.segments[static_cast<std::size_t>(index)], look);
        }
    }
}

void draw_too_small(Window window, ScreenSize size, const Frame& frame) {
    window.put(0, 0,
               fmt::format("{}x{} is small: panels need {}x{}.", size.columns, size.rows,
                           kLeastScreen.columns, kLeastScreen.rows));
    int row = 1;
    for (const WatchedSegment& segment : frame.model.segments) {
        Window line = window.part(row, 0, 1, window.columns());
        int column = line.put(0, 0, segment.name + " ", {Hue::cyan, true});
        column = line.put(0, column, health_word(segment), health_style(segment));
        if (segment.trouble.empty() && segment.cycle.newest) {
            for (std::size_t i = 0; i < 2; ++i) {
                column = draw_zone(line, column + 1, segment, i);
            }
        }
        ++row;
    }
    window.put(window.rows() - 1, 0, "q quit", kQuiet);
}

}  // namespace

Canvas render(const WatchModel& model, const WatchChoice& choice, ScreenSize size,
              const Glyphs& glyphs) {
    Canvas canvas(size.rows, size.columns);
    Window screen(canvas);
    const Frame frame{model, choice, glyphs};
    if (size.rows < kLeastScreen.rows || size.columns < kLeastScreen.columns) {
        draw_too_small(screen, size, frame);
        return canvas;
    }
    draw_title(screen.part(0, 0, 1, size.columns), frame);
    draw_keys(screen.part(size.rows - 1, 0, 1, size.columns));
    const int count = static_cast<int>(model.segments.size());
    const int lines = count < 2 ? 0 : std::min(count, std::max(size.rows / 5, 2));
    draw_overview(screen.part(1, 0, lines, size.columns), frame);
    const Window rest = screen.part(1 + lines, 0, size.rows - 2 - lines, size.columns);
    if (choice.help) {
        draw_help(rest);
    } else if (model.segments.empty()) {
        draw_nothing(rest, frame);
    } else {
        draw_panels(rest, frame);
    }
    return canvas;
}

}  // namespace wanctl::inspect
