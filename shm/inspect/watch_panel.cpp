#include "shm/inspect/watch_panel.hpp"

#include <fmt/format.h>

#include "shm/inspect/render.hpp"
#include "shm/inspect/watch_chart.hpp"
#include "shm/inspect/watch_cycle_panel.hpp"
#include "shm/inspect/watch_steering_panel.hpp"
#include "shm/inspect/watch_words.hpp"

namespace wanctl::inspect {
namespace {

void draw_title(Window window, const WatchedSegment& segment, const PanelLook& look) {
    window.fill(0, 0, look.glyphs.rule, look.selected ? Style{Hue::cyan} : kQuiet);
    int column = window.put(0, 2, " " + segment.name + " ", Style{Hue::cyan, true, look.selected});
    column = window.put(0, column + 1, " " + health_word(segment) + " ", health_style(segment));
    if (!segment.trouble.empty()) return;
    const WatchedWriter& writer = segment.writer;
    std::string more = fmt::format(" {} ", kind_word(segment));
    if (writer.rate) more += fmt::format("{:.1f}/s ", *writer.rate);
    if (writer.this_boot && writer.published > 0) {
        more += fmt::format("age {} ", age_text(segment.age));
    }
    if (writer.restarts > 0) more += fmt::format("restarts {} ", writer.restarts);
    if (writer.lost > 0) more += fmt::format("not seen {} ", writer.lost);
    window.put(0, column + 1, more);
}

void draw_writer(Window window, const WatchedSegment& segment) {
    const WatchedWriter& writer = segment.writer;
    // Narrow panels have no room for the date.
    const bool wide = window.columns() >= 100;
    const std::string since = time_text(writer.started, wide).substr(0, wide ? 19 : 8);
    std::string text =
        fmt::format("pid {}{}, {}, since {}", writer.pid, writer.pid_alive ? "" : " (gone)",
                    writer.version.empty() ? "?" : writer.version, since);
    if (writer.this_boot) text += ", turned " + age_text(writer.heartbeat_age) + " ago";
    text += fmt::format(", {} records", writer.published);
    window.put(0, put_label(window, 0, "writer"), text);
}

// Figures of the process since its start.
Block counters_block(const WatchedSegment& segment, int columns) {
    const auto infos = counters_of(segment);
    std::vector<std::string> words;
    for (std::size_t i = 0; i < infos.size() && i < segment.counters.size(); ++i) {
        const std::uint64_t value = segment.counters[i];
        words.push_back(fmt::format("{} {}", infos[i].name,
                                    infos[i].unit == "ns"
                                        ? duration_text(Nanos(static_cast<std::int64_t>(value)))
                                        : fmt::format("{}", value)));
    }
    return words_block(kExtra, "in all", std::move(words), columns);
}

Block sentence_block(std::string text, int columns, Style style) {
    const int length = static_cast<int>(text.size());
    const int rows = std::min(length / std::max(columns, 1) + 1, 3);
    return {-1, 1, rows, rows, [text = std::move(text), style](Window window) {
                for (int row = 0; row < window.rows(); ++row) {
                    const auto from =
                        static_cast<std::size_t>(row) * static_cast<std::size_t>(window.columns());
                    if (from >= text.size()) return;
                    window.put(row, 0, std::string_view(text).substr(from), style);
                }
            }};
}

void add_content(std::vector<Block>& blocks, const WatchedSegment& segment, const PanelLook& look,
                 int columns) {
    std::vector<Block> content;
    if (segment.cycle.newest) content = cycle_blocks(segment, look, columns);
    if (segment.steering.newest) content = steering_blocks(segment, look, columns);
    for (Block& block : content) blocks.push_back(std::move(block));
    if (!segment.fields.empty()) {
        const bool all = !segment.cycle.newest && !segment.steering.newest;
        blocks.push_back(
            words_block(all ? 0 : 3, all ? "fields" : "added", segment.fields, columns));
    }
    blocks.push_back(counters_block(segment, columns));
}

}  // namespace

void draw_panel(Window window, const WatchedSegment& segment, const PanelLook& look) {
    std::vector<Block> blocks;
    blocks.push_back({-2, 1, 1, 1, [&](Window part) { draw_title(part, segment, look); }});
    if (std::string wrong = health_text(segment); !wrong.empty()) {
        blocks.push_back(sentence_block(std::move(wrong), window.columns(), kStrong));
    }
    if (!segment.note.empty()) {
        blocks.push_back(sentence_block(segment.note, window.columns(), kQuiet));
    }
    if (segment.trouble.empty()) {
        blocks.push_back({5, 1, 1, 1, [&](Window part) { draw_writer(part, segment); }});
        add_content(blocks, segment, look, window.columns());
    }
    draw_blocks(window, blocks);
}

}  // namespace wanctl::inspect
