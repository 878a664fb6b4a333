#include "shm/inspect/watch_panel.hpp"

#include <fmt/format.h>

#include "shm/inspect/render.hpp"
#include "shm/inspect/watch_chart.hpp"
#include "shm/inspect/watch_cycle_panel.hpp"

namespace wanctl::inspect {
namespace {

void draw_title(Window window, const WatchedSegment& segment, const PanelLook& look) {
    window.fill(0, 0, look.glyphs.rule, look.selected ? Style{Hue::cyan} : kQuiet);
    int column = window.put(0, 2, " " + segment.name + " ", Style{Hue::cyan, true, look.selected});
    column = window.put(0, column + 1, " " + health_word(segment) + " ", health_style(segment));
    if (!segment.trouble.empty()) return;
    const WatchedWriter& writer = segment.writer;
    std::string more = fmt::format(" {} ", name(segment.kind));
    if (writer.rate) more += fmt::format("{:.1f}/s ", *writer.rate);
    if (writer.this_boot && writer.published > 0) {
        more += fmt::format("age {} ", duration_text(segment.age));
    }
    if (writer.restarts > 0) more += fmt::format("restarts {} ", writer.restarts);
    if (writer.lost > 0) more += fmt::format("not seen {} ", writer.lost);
    window.put(0, column + 1, more);
}

void draw_writer(Window window, const WatchedSegment& segment) {
    const WatchedWriter& writer = segment.writer;
    window.put(0, 0, "writer", kQuiet);
    std::string text =
        fmt::format("pid {}{}, {}, since {}", writer.pid, writer.pid_alive ? "" : " (gone)",
                    writer.version.empty() ? "?" : writer.version,
                    time_text(writer.started, true).substr(0, 19));
    if (writer.this_boot) text += ", turned " + duration_text(writer.heartbeat_age) + " ago";
    text += fmt::format(", {} records", writer.published);
    window.put(0, kLabelColumns, text);
}

}  // namespace

void draw_panel(Window window, const WatchedSegment& segment, const PanelLook& look) {
    std::vector<Block> blocks;
    blocks.push_back({-2, 1, 1, 1, [&](Window part) { draw_title(part, segment, look); }});
    const std::string wrong = health_text(segment);
    if (!wrong.empty()) {
        const int columns = std::max(window.columns(), 1);
        const int rows = std::min(static_cast<int>(wrong.size()) / columns + 1, 3);
        blocks.push_back({-1, 1, rows, rows, [&](Window part) {
                              for (int row = 0; row < part.rows(); ++row) {
                                  const auto from = static_cast<std::size_t>(row * part.columns());
                                  if (from >= wrong.size()) return;
                                  part.put(row, 0, std::string_view(wrong).substr(from), kStrong);
                              }
                          }});
    }
    if (segment.trouble.empty()) {
        blocks.push_back({5, 1, 1, 1, [&](Window part) { draw_writer(part, segment); }});
        if (segment.kind == RecordKind::cycle && segment.cycle.newest) {
            for (Block& block : cycle_blocks(segment, look, window.columns())) {
                blocks.push_back(std::move(block));
            }
        }
    }
    draw_blocks(window, blocks);
}

}  // namespace wanctl::inspect
