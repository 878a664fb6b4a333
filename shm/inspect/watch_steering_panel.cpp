#include "shm/inspect/watch_steering_panel.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "common/record/states.hpp"
#include "common/record/steering_names.hpp"
#include "common/record/steering_reason_text.hpp"
#include "common/record/steering_states.hpp"
#include "shm/inspect/render.hpp"
#include "shm/inspect/watch_chart.hpp"
#include "shm/inspect/watch_cycle_panel.hpp"
#include "shm/inspect/watch_words.hpp"

namespace wanctl::inspect {
namespace {

constexpr int kFullScore = 100;

std::string count_text(std::int32_t count) {
    return count == kUnknownCount ? "-" : fmt::format("{}", count);
}

std::string ago_text(std::int64_t age_ns) {
    return age_ns == kUnknownNs ? "never" : age_text(Nanos(age_ns)) + " ago";
}

void draw_state(Window window, const WatchedSegment& segment) {
    const SteeringRecord& record = *segment.steering.newest;
    int column = put_label(window, 0, "steering");
    column = window.put(0, column, word_of(segment, "state", record.state),
                        steering_style(record.state));
    column = window.put(0, column, "  primary assessed ", kQuiet);
    column = window.put(0, column, word_of(segment, "assessment", record.assessment), kStrong);
    column = window.put(0, column, "  congested ", kQuiet);
    column = window.put(0, column, word_of(segment, "congestion", record.congestion));
    column = window.put(0, column, "  policy ", kQuiet);
    column = window.put(0, column, word_of(segment, "policy", record.policy));
    if ((record.flags & kSteeringDryRun) != 0) {
        window.put(0, column + 2, " DRY RUN ", {Hue::yellow, true, true});
    }
}

Block score_block(const WatchedSegment& segment, int columns) {
    const SteeringRecord& record = *segment.steering.newest;
    std::vector<std::string> words;
    words.push_back(record.score == kUnknownScore
                        ? std::string("none")
                        : fmt::format("{} of {} to steer, {} to recover", record.score,
                                      record.steer_threshold, record.recover_threshold));
    const auto contributors = words_of(segment, "contributors");
    for (std::size_t i = 0; i < std::min(contributors.size(), std::size(record.points)); ++i) {
        if (((record.contributors >> i) & 1U) == 0) continue;
        words.push_back(fmt::format("{} {}", contributors[i], record.points[i]));
    }
    return words_block(1, "score", std::move(words), columns);
}

void draw_score_chart(Window window, const WatchedSegment& segment, const PanelLook& look) {
    Chart chart;
    chart.label = "  score";
    chart.high = kFullScore;
    chart.high_text = fmt::format("{}", kFullScore);
    std::vector<ChartPoint> points;
    for (const SteeringStretch& stretch :
         segment.steering.history.columns(segment.chart_end, look.span, chart_columns(window))) {
        ChartPoint point;
        point.style = steering_style(stretch.state);
        if (stretch.records > 0 && stretch.score != kUnknownScore) point.value = stretch.score;
        points.push_back(point);
    }
    draw_chart(window, chart, points, look.glyphs);
}

char32_t state_letter(std::uint8_t state) {
    switch (static_cast<SteeringState>(state)) {
        case SteeringState::good:
            return U'-';
        case SteeringState::degraded:
            return U'D';
    }
    return U'?';
}

void draw_state_strip(Window window, const WatchedSegment& segment, const PanelLook& look) {
    std::vector<Cell> cells;
    for (const SteeringStretch& stretch :
         segment.steering.history.columns(segment.chart_end, look.span, chart_columns(window))) {
        Cell cell;
        if (stretch.records > 0) {
            cell = Cell{state_letter(stretch.state), steering_style(stretch.state)};
        }
        cells.push_back(cell);
    }
    draw_strip(window, "  state", cells);
}

Block reason_block(const WatchedSegment& segment, int columns) {
    const SteeringRecord& record = *segment.steering.newest;
    std::string text = steering_reason_text(record);
    if (text.empty()) text = word_of(segment, "reason", record.reason);
    const int room = std::max(columns - kLabelColumns, 1);
    const int rows = static_cast<int>(text.size()) / room + 1;
    return {1, 1, rows, rows, [room, text = std::move(text)](Window window) {
                put_label(window, 0, "because");
                for (int row = 0; row < window.rows(); ++row) {
                    const auto from =
                        static_cast<std::size_t>(row) * static_cast<std::size_t>(room);
                    if (from >= text.size()) return;
                    window.put(row, kLabelColumns, std::string_view(text).substr(from));
                }
            }};
}

Block timers_block(const WatchedSegment& segment, int columns) {
    const SteeringRecord& record = *segment.steering.newest;
    const auto timers = words_of(segment, "timer_left_us");
    std::vector<std::string> words;
    for (std::size_t i = 0; i < std::min(timers.size(), std::size(record.timer_left_us)); ++i) {
        if (record.timer_left_us[i] == kNoTimer) continue;
        words.push_back(fmt::format("{} {} of {} left", timers[i],
                                    age_text(Micros(record.timer_left_us[i])),
                                    age_text(Micros(record.timer_length_us[i]))));
    }
    if (words.empty()) words.emplace_back("none runs");
    return words_block(2, "timers", std::move(words), columns);
}

void draw_rule(Window window, const WatchedSegment& segment) {
    const SteeringRecord& record = *segment.steering.newest;
    const auto status = static_cast<RuleStatus>(record.rule_status);
    const auto router = static_cast<RouterState>(record.router_state);
    int column = put_label(window, 0, "rule");
    column = window.put(0, column, "wanted ", kQuiet);
    column = window.put(0, column, word_of(segment, "rule_wanted", record.rule_wanted), kStrong);
    column = window.put(0, column, "  read ", kQuiet);
    column = window.put(0, column, word_of(segment, "rule_read", record.rule_read), kStrong);
    column = window.put(0, column, " " + ago_text(record.rule_age_ns), kQuiet);
    column = window.put(0, column, "  found ", kQuiet);
    column = window.put(0, column, word_of(segment, "rule_status", record.rule_status),
                        status == RuleStatus::ok ? Style{Hue::green} : kAlarm);
    column = window.put(0, column, "  router ", kQuiet);
    column = window.put(0, column, word_of(segment, "router_state", record.router_state),
                        router == RouterState::ok ? Style{Hue::green} : kAlarm);
    if ((record.flags & kSteeringWritePending) != 0) {
        column = window.put(0, column, "  write pending", {Hue::yellow, true});
    }
    if ((record.flags & kSteeringRuleChanged) != 0) {
        window.put(0, column, "  CHANGED BY SOMEBODY ELSE", kAlarm);
    }
}

Block last_action_block(const WatchedSegment& segment, int columns) {
    const SteeringRecord& record = *segment.steering.newest;
    if (record.last_at_ns == kUnknownNs) {
        return words_block(3, "last", {"no action yet"}, columns);
    }
    std::vector<std::string> words{
        fmt::format("{} {} in {}, {} ago", word_of(segment, "last_action", record.last_action),
                    word_of(segment, "last_outcome", record.last_outcome),
                    duration_text(Micros(record.last_latency_us)),
                    age_text(Nanos(record.mono_ns - record.last_at_ns))),
        fmt::format("sent after {}", duration_text(Micros(record.last_send_us))),
        fmt::format("for {}", word_of(segment, "last_reason", record.last_reason))};
    if (record.last_score != kUnknownScore) {
        words.push_back(fmt::format("score {}", record.last_score));
    }
    if (record.last_delta_us != kUnknownUs) {
        words.push_back(fmt::format("delta {} ms", ms_text(record.last_delta_us)));
    }
    words.push_back(fmt::format("{} toggles of late", record.toggles));
    return words_block(3, "last", std::move(words), columns);
}

std::string_view zone_word(const WatchedSegment& segment, std::uint8_t zone) {
    return zone == kUnknownWord ? "-" : word_of(segment, "pri_dl_zone", zone);
}

// One table of words serves both WANs.
void draw_source(Window window, const WatchedSegment& segment, std::size_t index) {
    const WanRecord& wan = segment.steering.newest->wan[index];
    const auto source = static_cast<SourceState>(wan.source);
    int column = put_label(window, 0, index == 0 ? "primary" : "alternate");
    column = window.put(0, column, word_of(segment, "pri_source", wan.source),
                        source == SourceState::live ? Style{Hue::green} : kAlarm);
    column = window.put(0, column, fmt::format(" {}", ago_text(wan.age_ns)));
    column = window.put(0, column, fmt::format("  {}", word_of(segment, "pri_usable", wan.usable)));
    column = window.put(0, column, "  dl ", kQuiet);
    column = window.put(0, column, zone_word(segment, wan.dl_zone),
                        wan.dl_zone < 4 ? zone_style(static_cast<Zone>(wan.dl_zone)) : kQuiet);
    column = window.put(0, column, " ul ", kQuiet);
    column = window.put(0, column, zone_word(segment, wan.ul_zone),
                        wan.ul_zone < 4 ? zone_style(static_cast<Zone>(wan.ul_zone)) : kQuiet);
    column = window.put(0, column,
                        fmt::format("  delta {} drops {} queue {}", ms_text(wan.delta_us),
                                    count_text(wan.drops), count_text(wan.queue_packets)));
    if (wan.missed == 0 && wan.restarts == 0) return;
    window.put(0, column, fmt::format("  missed {} restarts {}", wan.missed, wan.restarts));
}

}  // namespace

Style steering_style(std::uint8_t state) {
    return state == static_cast<std::uint8_t>(SteeringState::good) ? Style{Hue::green}
                                                                   : Style{Hue::red, true, true};
}

std::vector<Block> steering_blocks(const WatchedSegment& segment, const PanelLook& look,
                                   int columns) {
    return {
        {0, 1, 1, 1, [&](Window window) { draw_state(window, segment); }},
        score_block(segment, columns),
        {3, 1, 2, 10, [&segment, look](Window window) { draw_score_chart(window, segment, look); }},
        {4, 1, 1, 1, [&segment, look](Window window) { draw_state_strip(window, segment, look); }},
        reason_block(segment, columns),
        timers_block(segment, columns),
        {2, 1, 1, 1, [&](Window window) { draw_rule(window, segment); }},
        last_action_block(segment, columns),
        {2, 1, 1, 1, [&](Window window) { draw_source(window, segment, 0); }},
        {2, 1, 1, 1, [&](Window window) { draw_source(window, segment, 1); }},
    };
}

}  // namespace wanctl::inspect
