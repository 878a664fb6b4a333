#include "shm/inspect/cycle_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "common/record/states.hpp"
#include "common/record/transition_text.hpp"
#include "common/units.hpp"
#include "shm/inspect/render.hpp"

namespace wanctl::inspect {
namespace {

std::string direction_part(const char* label, const DirectionRecord& record) {
    return fmt::format("{} {:<8} {:>12} (router {})", label, name(static_cast<Zone>(record.zone)),
                       rate_text(record.wanted_bps), held_text(record.held_bps));
}

std::string direction_lines(const char* label, const DirectionRecord& record) {
    const std::string achieved = record.achieved_bps == kUnknownRate
                                     ? std::string("unknown")
                                     : rate_text(record.achieved_bps);
    std::string text =
        fmt::format("  {:<10} {}: wanted {}, router holds {}, achieved {}\n", label,
                    name(static_cast<Zone>(record.zone)), rate_text(record.wanted_bps),
                    held_text(record.held_bps), achieved);
    const std::string why =
        transition_text(static_cast<TransitionReason>(record.transition_reason),
                        Nanos(record.transition_delta_ns), Nanos(record.transition_threshold_ns));
    if (why.empty()) return text;
    return text + fmt::format("  {:<10} last change {} -> {}: {}\n", "",
                              name(static_cast<Zone>(record.transition_from)),
                              name(static_cast<Zone>(record.zone)), why);
}

std::string router_text(const CycleRecord& record) {
    std::string text(name(static_cast<RouterState>(record.router_state)));
    if (record.router_cpu_percent != kUnknownPercent)
        text += fmt::format(", CPU {} %", record.router_cpu_percent);
    for (const Direction direction : {Direction::download, Direction::upload})
        if ((record.not_shaping >> static_cast<unsigned>(direction) & 1U) != 0)
            text += fmt::format(", {} queue shapes nothing", name(direction));
    return text;
}

// What a slot costs of the time it has: the processor time of the whole slot, against its length.
std::string budget_text(const CycleRecord& record) {
    const std::uint32_t used = record.stage_ns[static_cast<std::size_t>(Stage::slot_cpu)];
    const double share = 100.0 * used / std::max(record.interval_ns, 1U);
    return fmt::format("{} of {} used ({:.1f} %), headroom {:.1f} %", duration_text(Nanos(used)),
                       duration_text(Nanos(record.interval_ns)), share, 100.0 - share);
}

}  // namespace

std::string cycle_line(const CycleRecord& record) {
    const std::string rtt =
        record.rtt_us == kUnknownUs
            ? std::string(name(static_cast<MeasurementState>(record.measurement)))
            : fmt::format("{:.1f} ms", record.rtt_us / 1e3);
    return fmt::format("rtt {:>9} base {:>6.1f} delta {:>6.1f}  {}  {}  router {}", rtt,
                       to_ms(Nanos(record.baseline_ns)), to_ms(Nanos(record.delta_ns)),
                       direction_part("dl", record.direction[0]),
                       direction_part("ul", record.direction[1]),
                       name(static_cast<RouterState>(record.router_state)));
}

std::string cycle_headline(const CycleRecord& record) {
    const std::string rtt = record.rtt_us == kUnknownUs
                                ? std::string("no RTT in this slot")
                                : "RTT " + duration_text(Micros(record.rtt_us));
    return fmt::format("  {:<10} {}: {}, load {}, baseline {}, delta {}\n", "latency",
                       name(static_cast<MeasurementState>(record.measurement)), rtt,
                       duration_text(Nanos(record.load_ns)),
                       duration_text(Nanos(record.baseline_ns)),
                       duration_text(Nanos(record.delta_ns))) +
           direction_lines("download", record.direction[0]) +
           direction_lines("upload", record.direction[1]) +
           fmt::format("  {:<10} {}\n", "router", router_text(record)) +
           fmt::format("  {:<10} {}\n", "slot", budget_text(record));
}

}  // namespace wanctl::inspect
