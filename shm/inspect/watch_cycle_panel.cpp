#include "shm/inspect/watch_cycle_panel.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

#include "common/record/state_names.hpp"
#include "common/record/states.hpp"
#include "common/record/transition_text.hpp"
#include "shm/inspect/render.hpp"
#include "shm/inspect/watch_chart.hpp"
#include "shm/inspect/watch_words.hpp"

namespace wanctl::inspect {
namespace {

// From here on the two directions stand side by side.
constexpr int kWide = 150;
constexpr double kLeastRttRangeMs = 5.0;

bool is_dark(const CycleStretch& stretch) {
    const auto state = static_cast<MeasurementState>(stretch.measurement);
    return state == MeasurementState::blind || state == MeasurementState::blackout;
}

Zone worst_zone(const CycleStretch& stretch) {
    return static_cast<Zone>(std::max(stretch.line[0].zone, stretch.line[1].zone));
}

// The unit a direction's rates are shown in.
struct RateUnit {
    double size;
    const char* word;
};

RateUnit unit_for(std::int64_t most) {
    return most >= 1'000'000 ? RateUnit{1e6, "Mbit/s"} : RateUnit{1e3, "kbit/s"};
}

std::string in_unit(std::int64_t bps, const RateUnit& unit) {
    return bps == kUnknownRate ? "?" : fmt::format("{:.1f}", static_cast<double>(bps) / unit.size);
}

std::string held_in_unit(std::int64_t bps, const RateUnit& unit) {
    return bps == 0 ? "no limit" : in_unit(bps, unit);
}

// One direction of a WAN and all that its lines need.
struct Lane {
    const WatchedSegment& segment;
    const PanelLook& look;
    std::size_t index;
    const DirectionRecord& now;

    [[nodiscard]] Zone zone() const { return static_cast<Zone>(now.zone); }
    [[nodiscard]] const CycleFacts* facts() const {
        const auto& known = segment.cycle.facts;
        return known && known->ceiling_bps[index] > 0 ? &*known : nullptr;
    }
    // Of the zone it is in; only with facts().
    [[nodiscard]] std::int64_t floor_bps() const {
        const std::size_t at = now.zone & 3U;
        return index == 0 ? facts()->download_floor_bps[at] : facts()->upload_floor_bps[at];
    }
    [[nodiscard]] std::string_view word() const { return name(static_cast<Direction>(index)); }
    [[nodiscard]] std::string_view zone_word(std::uint8_t zone) const {
        return word_of(segment, index == 0 ? "dl_zone" : "ul_zone", zone);
    }
    // Of its last change, in one word.
    [[nodiscard]] std::string_view reason_word() const {
        return word_of(segment, index == 0 ? "dl_transition_reason" : "ul_transition_reason",
                       now.transition_reason);
    }
    [[nodiscard]] std::vector<CycleStretch> columns(const Window& window) const {
        return segment.cycle.history.columns(segment.chart_end, look.span, chart_columns(window));
    }
    // What the full length of a bar means: the ceiling, or the most there was.
    [[nodiscard]] std::int64_t full_bps() const {
        if (facts() != nullptr) return facts()->ceiling_bps[index];
        std::int64_t most = std::max(now.wanted_bps, now.held_bps);
        for (const CycleStretch& stretch : segment.cycle.history.columns(
                 segment.chart_end, kWatchSpans[std::size(kWatchSpans) - 1], 600)) {
            most = std::max(most, stretch.line[index].wanted_bps);
        }
        return most;
    }
};

void draw_rates(Window window, const Lane& lane) {
    const RateUnit unit = unit_for(lane.now.wanted_bps);
    int column = put_label(window, 0, lane.word());
    window.put(0, column, lane.zone_word(lane.now.zone), zone_style(lane.zone()));
    column = window.put(0, column + 9, "wanted ", kQuiet);
    column = window.put(0, column, in_unit(lane.now.wanted_bps, unit), kStrong);
    column = window.put(0, column, "  held ", kQuiet);
    column = window.put(0, column, held_in_unit(lane.now.held_bps, unit), kStrong);
    column = window.put(0, column, "  achieved ", kQuiet);
    column = window.put(0, column, in_unit(lane.now.achieved_bps, unit), kStrong);
    column = window.put(0, column, fmt::format(" {}", unit.word), kQuiet);
    if (lane.now.delay_us == kUnknownUs) return;
    window.put(0, column, fmt::format("  delay {} ms", ms_text(lane.now.delay_us)), kQuiet);
}

void draw_rate_bar(Window window, const Lane& lane) {
    Bar bar;
    bar.full = lane.full_bps();
    bar.held = lane.now.held_bps > 0 ? lane.now.held_bps : 0;
    bar.style = zone_style(lane.zone());
    const RateUnit unit = unit_for(bar.full);
    if (lane.facts() != nullptr) {
        const std::int64_t floor = lane.floor_bps();
        bar.marks.push_back({floor, U'f'});
        bar.text =
            fmt::format("floor {} ceiling {}", in_unit(floor, unit), in_unit(bar.full, unit));
    } else {
        bar.text = fmt::format("full: {} {}", in_unit(bar.full, unit), unit.word);
    }
    bar.marks.push_back({lane.now.wanted_bps, U'w'});
    draw_bar(window, "", bar, lane.look.glyphs);
}

void draw_rate_chart(Window window, const Lane& lane) {
    Chart chart;
    chart.label = "  wanted";
    const std::int64_t full = lane.full_bps();
    chart.high = static_cast<double>(full);
    chart.high_text = in_unit(full, unit_for(full));
    std::vector<ChartPoint> points;
    for (const CycleStretch& stretch : lane.columns(window)) {
        ChartPoint point;
        if (stretch.records > 0) {
            point.value = static_cast<double>(stretch.line[lane.index].wanted_bps);
            point.style = zone_style(static_cast<Zone>(stretch.line[lane.index].zone));
        }
        points.push_back(point);
    }
    draw_chart(window, chart, points, lane.look.glyphs);
}

void draw_zone_strip(Window window, const Lane& lane) {
    std::vector<Cell> cells;
    for (const CycleStretch& stretch : lane.columns(window)) {
        const Zone zone = static_cast<Zone>(stretch.line[lane.index].zone);
        Cell cell;
        if (stretch.records > 0) cell = Cell{zone_letter(zone), zone_style(zone)};
        cells.push_back(cell);
    }
    draw_strip(window, "  zone", cells);
}

void draw_last_change(Window window, const Lane& lane) {
    const int column = put_label(window, 0, "  changed");
    const auto reason = static_cast<TransitionReason>(lane.now.transition_reason);
    if (reason == TransitionReason::none) {
        window.put(0, column, "not yet", kQuiet);
        return;
    }
    std::string why = transition_text(reason, Nanos(lane.now.transition_delta_ns),
                                      Nanos(lane.now.transition_threshold_ns));
    if (why.empty()) why = lane.reason_word();
    window.put(0, column,
               fmt::format("{} -> {}: {}", lane.zone_word(lane.now.transition_from),
                           lane.zone_word(lane.now.zone), why));
}

void draw_queue(Window window, const Lane& lane) {
    const QueueRecord& queue = lane.segment.cycle.newest->queue[lane.index];
    const int column = put_label(window, 0, "  queue");
    if (queue.age_ns == kUnknownNs) {
        window.put(0, column, "not read yet", kQuiet);
        return;
    }
    window.put(
        0, column,
        fmt::format("waiting {} bytes, {} packets; dropped {}; read {} ago", queue.queued_bytes,
                    queue.queued_packets, queue.dropped, duration_text(Nanos(queue.age_ns))));
}

std::vector<Block> lane_blocks(const Lane& lane) {
    return {
        {0, 1, 1, 1, [lane](Window window) { draw_rates(window, lane); }},
        {1, 1, 1, 1, [lane](Window window) { draw_rate_bar(window, lane); }},
        {2, 1, 2, 20, [lane](Window window) { draw_rate_chart(window, lane); }},
        {3, 1, 1, 1, [lane](Window window) { draw_zone_strip(window, lane); }},
        {4, 1, 1, 1, [lane](Window window) { draw_last_change(window, lane); }},
        {5, 1, 1, 1, [lane](Window window) { draw_queue(window, lane); }},
    };
}

void draw_latency(Window window, const WatchedSegment& segment) {
    const CycleRecord& record = *segment.cycle.newest;
    const auto state = static_cast<MeasurementState>(record.measurement);
    const bool well = state == MeasurementState::fresh || state == MeasurementState::none;
    int column = put_label(window, 0, "latency");
    column = window.put(0, column, "RTT ", kQuiet);
    column = window.put(0, column, ms_text(record.rtt_us), kStrong);
    column = window.put(0, column, "  baseline ", kQuiet);
    column =
        window.put(0, column, fmt::format("{:.1f}", to_ms(Nanos(record.baseline_ns))), kStrong);
    column = window.put(0, column, "  load ", kQuiet);
    column = window.put(0, column, fmt::format("{:.1f}", to_ms(Nanos(record.load_ns))), kStrong);
    column = window.put(0, column, "  delta ", kQuiet);
    column =
        window.put(0, column, fmt::format("{:+.1f} ms", to_ms(Nanos(record.delta_ns))), kStrong);
    column = window.put(0, column + 2, well ? "" : "MEASUREMENT ", kAlarm);
    column = window.put(0, column, word_of(segment, "measurement", record.measurement),
                        well ? kQuiet : kAlarm);
    if (!segment.cycle.facts) return;
    const CycleFacts& facts = *segment.cycle.facts;
    const std::string zones =
        fmt::format("  zones end at +{:g} +{:g} +{:g}", to_ms(Nanos(facts.target_ns)),
                    to_ms(Nanos(facts.warn_ns)), to_ms(Nanos(facts.hard_red_ns)));
    if (column + static_cast<int>(zones.size()) > window.columns()) return;
    window.put(0, column, zones, kQuiet);
}

void draw_rtt_chart(Window window, const WatchedSegment& segment, const PanelLook& look) {
    const auto stretches =
        segment.cycle.history.columns(segment.chart_end, look.span, chart_columns(window));
    Chart chart;
    chart.label = "  RTT ms";
    chart.low = to_ms(Nanos(segment.cycle.newest->baseline_ns));
    chart.high = chart.low + kLeastRttRangeMs;
    for (const CycleStretch& stretch : stretches) {
        if (stretch.rtt_us == kUnknownUs) continue;
        chart.low = std::min(chart.low, stretch.rtt_us / 1e3);
        chart.high = std::max(chart.high, stretch.rtt_us / 1e3);
    }
    chart.low = std::floor(chart.low);
    chart.high = std::ceil(chart.high);
    chart.low_text = fmt::format("{:.0f}", chart.low);
    chart.high_text = fmt::format("{:.0f}", chart.high);
    std::vector<ChartPoint> points;
    for (const CycleStretch& stretch : stretches) {
        ChartPoint point;
        point.style = zone_style(worst_zone(stretch));
        if (stretch.rtt_us != kUnknownUs) point.value = stretch.rtt_us / 1e3;
        if (is_dark(stretch)) point = {std::nullopt, kAlarm, U'!'};
        points.push_back(point);
    }
    draw_chart(window, chart, points, look.glyphs);
}

std::string reflector_name(const WatchedSegment& segment, std::size_t index) {
    const std::string_view told =
        segment.cycle.facts ? fact_text(segment.cycle.facts->reflector[index]) : std::string_view();
    return told.empty() ? fmt::format("#{}", index + 1) : std::string(told);
}

std::string reflector_text(const WatchedSegment& segment, std::size_t index) {
    const CycleRecord& record = *segment.cycle.newest;
    const bool active = ((record.reflector_active >> index) & 1U) != 0;
    const bool answered = ((record.reflector_answered >> index) & 1U) != 0;
    return fmt::format("{} {} {}", reflector_name(segment, index),
                       ms_text(record.reflector_rtt_us[index]),
                       answered ? "answered"
                       : active ? "asked"
                                : "resting");
}

Block reflectors_block(const WatchedSegment& segment, int columns) {
    const auto count = std::min<std::size_t>(segment.cycle.newest->reflectors, kMaxReflectors);
    std::vector<std::string> words;
    words.reserve(count);
    for (std::size_t i = 0; i < count; ++i) words.push_back(reflector_text(segment, i));
    return words_block(3, "reflectors", std::move(words), columns);
}

void draw_router(Window window, const WatchedSegment& segment) {
    const CycleRecord& record = *segment.cycle.newest;
    const auto state = static_cast<RouterState>(record.router_state);
    int column = put_label(window, 0, "router");
    const Style style = state == RouterState::ok ? Style{Hue::green} : kAlarm;
    column = window.put(0, column, word_of(segment, "router_state", record.router_state), style);
    if ((record.flags & kFlagWritePending) != 0) {
        column = window.put(0, column, "  write pending", Style{Hue::yellow, true});
    }
    if (record.router_cpu_percent != kUnknownPercent) {
        column = window.put(0, column, fmt::format("  CPU {} %", record.router_cpu_percent));
    }
    for (const Direction direction : {Direction::download, Direction::upload}) {
        if ((record.not_shaping >> static_cast<unsigned>(direction) & 1U) == 0) continue;
        column = window.put(0, column + 2, fmt::format("{} queue SHAPES NOTHING", name(direction)),
                            kAlarm);
    }
    if (!segment.cycle.last_write) return;
    const CycleRecord& write = *segment.cycle.last_write;
    const std::string text = fmt::format("  last write {} {} in {}",
                                         word_of(segment, "write_direction", write.write_direction),
                                         word_of(segment, "write_outcome", write.write_outcome),
                                         duration_text(Micros(write.write_latency_us)));
    column = window.put(0, column, text);
    const std::string when =
        fmt::format(", {} ago", age_text(Nanos(record.mono_ns - write.mono_ns)));
    if (column + static_cast<int>(when.size()) <= window.columns()) window.put(0, column, when);
}

// The sum first: it is what is promised.
Block stages_block(const CycleRecord& record, int columns) {
    constexpr auto kSum = static_cast<std::size_t>(Stage::slot_cpu);
    const auto text_of = [&](std::size_t i) {
        return fmt::format("{} {}", names::kStageWords[i],
                           duration_text(Nanos(record.stage_ns[i])));
    };
    std::vector<std::string> words{text_of(kSum)};
    for (std::size_t i = 0; i < names::kStageWords.size(); ++i) {
        if (i != kSum) words.push_back(text_of(i));
    }
    return words_block(4, "stages", std::move(words), columns);
}

void add_lanes(std::vector<Block>& blocks, const WatchedSegment& segment, const PanelLook& look,
               int columns) {
    const CycleRecord& record = *segment.cycle.newest;
    const Lane down{segment, look, 0, record.direction[0]};
    const Lane up{segment, look, 1, record.direction[1]};
    if (columns < kWide) {
        for (const Lane& lane : {down, up}) {
            blocks.push_back(
                {1, 2, 6, 26, [lane](Window window) { draw_blocks(window, lane_blocks(lane)); }});
        }
        return;
    }
    blocks.push_back(
        {1, 2, 7, 26, [down, up](Window window) {
             const int half = window.columns() / 2;
             draw_blocks(window.part(0, 0, window.rows(), half - 1), lane_blocks(down));
             draw_blocks(window.part(0, half + 1, window.rows(), half - 1), lane_blocks(up));
         }});
}

}  // namespace

std::string short_rate(std::int64_t bps) {
    if (bps == kUnknownRate) return "?";
    const double value = static_cast<double>(bps);
    return bps >= 1'000'000 ? fmt::format("{:.1f}M", value / 1e6)
                            : fmt::format("{:.1f}k", value / 1e3);
}

std::string ms_text(std::int32_t us) {
    return us == kUnknownUs ? "-" : fmt::format("{:.1f}", us / 1e3);
}

std::vector<Block> cycle_blocks(const WatchedSegment& segment, const PanelLook& look, int columns) {
    const CycleRecord& record = *segment.cycle.newest;
    std::vector<Block> blocks;
    blocks.push_back({0, 1, 1, 1, [&](Window window) { draw_latency(window, segment); }});
    blocks.push_back(
        {2, 1, 2, 24, [&segment, look](Window window) { draw_rtt_chart(window, segment, look); }});
    add_lanes(blocks, segment, look, columns);
    blocks.push_back(reflectors_block(segment, columns));
    blocks.push_back({2, 1, 1, 1, [&](Window window) { draw_router(window, segment); }});
    blocks.push_back(stages_block(record, columns));
    return blocks;
}

}  // namespace wanctl::inspect
