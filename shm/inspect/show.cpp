// `wanctl shm show NAME`: who writes the segment, its newest record and its counters.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "common/exit_code.hpp"
#include "common/record/cycle_fields.hpp"
#include "common/record/states.hpp"
#include "common/record/transition_text.hpp"
#include "shm/inspect/command.hpp"
#include "shm/inspect/segment_view.hpp"

namespace wanctl::inspect {
namespace {

struct Options {
    std::string name;
    double max_age_s = 0;  // 0 = the writer's own promise
    bool json = false;
};

const std::byte* bytes_of(const CycleRecord& record) {
    return reinterpret_cast<const std::byte*>(&record);
}

int verdict(const SegmentView& view, Nanos max_age) {
    if (view.read != shm::ReadStatus::ok || !view.fault.empty()) return tool_exit::kInvalid;
    const bool fresh = view.liveness == shm::Liveness::live && view.newest_age <= max_age;
    return fresh ? tool_exit::kYes : tool_exit::kNo;
}

std::string_view why_no_record(shm::ReadStatus status) {
    return status == shm::ReadStatus::empty ? "nothing has been published yet"
                                            : "the newest record cannot be read consistently";
}

void print_direction(const char* label, const DirectionRecord& record) {
    const std::string achieved = record.achieved_bps == kUnknownRate
                                     ? std::string("unknown")
                                     : rate_text(record.achieved_bps);
    fmt::print("  {:<10} {}: wanted {}, router holds {}, achieved {}\n", label,
               name(static_cast<Zone>(record.zone)), rate_text(record.wanted_bps),
               held_text(record.held_bps), achieved);
    const std::string why =
        transition_text(static_cast<TransitionReason>(record.transition_reason),
                        Nanos(record.transition_delta_ns), Nanos(record.transition_threshold_ns));
    if (why.empty()) return;
    fmt::print("  {:<10} last change {} -> {}: {}\n", "",
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

void print_record(const SegmentView& view) {
    const CycleRecord& record = view.newest;
    fmt::print("\nnewest record, number {}, {} ago\n", view.newest_number,
               duration_text(view.newest_age));
    const std::string rtt = record.rtt_us == kUnknownUs
                                ? std::string("no RTT in this slot")
                                : "RTT " + duration_text(Micros(record.rtt_us));
    fmt::print("  {:<10} {}: {}, load {}, baseline {}, delta {}\n", "latency",
               name(static_cast<MeasurementState>(record.measurement)), rtt,
               duration_text(Nanos(record.load_ns)), duration_text(Nanos(record.baseline_ns)),
               duration_text(Nanos(record.delta_ns)));
    print_direction("download", record.direction[0]);
    print_direction("upload", record.direction[1]);
    fmt::print("  {:<10} {}\n", "router", router_text(record));
    fmt::print("  {:<10} {}\n\n", "slot", budget_text(record));
    for (const FieldInfo& field : cycle_fields()) {
        if (field.role == FieldRole::reserved) continue;
        fmt::print("  {:<27} {:<28}  {}\n", field.name, field_text(field, bytes_of(record)),
                   field.help);
    }
}

void print_counters(const CycleReader& reader) {
    fmt::print("\ncounters since start\n");
    const auto counters = cycle_abi().counters;
    for (std::size_t i = 0; i < counters.size(); ++i) {
        const std::uint64_t value = reader.counter(i);
        const std::string shown = counters[i].unit == "ns"
                                      ? duration_text(Nanos(static_cast<std::int64_t>(value)))
                                      : fmt::format("{}", value);
        fmt::print("  {:<27} {:<28}  {}\n", counters[i].name, shown, counters[i].help);
    }
}

void print_text(const SegmentView& view, const CycleReader& reader) {
    const shm::SegmentFacts& facts = reader.facts();
    fmt::print("{}: {} records, ABI {}.{}, written by version {}\n", view.name, name(facts.kind),
               facts.abi_major, facts.abi_minor, facts.version.empty() ? "?" : facts.version);
    fmt::print("  {:<10} {}, pid {} ({}), uid {}, since {}\n", "writer", name(view.liveness),
               facts.writer_pid, view.pid_alive ? "alive" : "no such process", view.owner,
               time_text(Nanos(facts.epoch_ns), true));
    fmt::print("  {:<10} {} ago, stale after {}\n", "heartbeat", duration_text(view.heartbeat_age),
               duration_text(facts.stale_after));
    fmt::print("  {:<10} {} published, {} a second\n", "records", view.head,
               view.rate ? fmt::format("{:.1f}", *view.rate) : "?");
    if (view.read != shm::ReadStatus::ok) {
        fmt::print("\n{}\n", why_no_record(view.read));
    } else {
        if (!view.fault.empty()) fmt::print("\nNOT BELIEVABLE: {}\n", view.fault);
        print_record(view);
    }
    print_counters(reader);
}

void print_json(const SegmentView& view, const CycleReader& reader) {
    rapidjson::StringBuffer buffer;
    JsonWriter json(buffer);
    json.StartObject();
    write_view(json, view, reader.facts());
    key(json, "fault");
    if (view.fault.empty()) {
        json.Null();
    } else {
        text(json, view.fault);
    }
    key(json, "newest");
    if (view.read == shm::ReadStatus::ok) {
        json.StartObject();
        key(json, "number");
        json.Uint64(view.newest_number);
        write_fields(json, cycle_fields(), bytes_of(view.newest));
        json.EndObject();
    } else {
        json.Null();
    }
    key(json, "counters");
    json.StartObject();
    const auto counters = cycle_abi().counters;
    for (std::size_t i = 0; i < counters.size(); ++i) {
        key(json, counters[i].name);
        json.Uint64(reader.counter(i));
    }
    json.EndObject();
    json.EndObject();
    fmt::print("{}\n", buffer.GetString());
}

int run(const Options& options, const Clock& clock) {
    const auto reader = attach_any(options.name);
    if (!reader) return report(reader.error());
    const SegmentView view = look_at(options.name, *reader, clock);
    if (options.json) {
        print_json(view, *reader);
    } else {
        print_text(view, *reader);
    }
    const Nanos max_age =
        options.max_age_s > 0 ? from_ms(options.max_age_s * 1e3) : reader->facts().stale_after;
    return verdict(view, max_age);
}

}  // namespace

std::function<int()> install_show(CLI::App& app, const Clock& clock) {
    const auto options = std::make_shared<Options>();
    app.add_option("name", options->name, "the segment: a WAN's name or \"steering\"")->required();
    app.add_option("--max-age", options->max_age_s,
                   "seconds the newest record may be old (default: the writer's own promise)")
        ->check(CLI::Range(0.001, 86400.0));
    app.add_flag("--json", options->json, "a JSON object instead of text");
    app.footer(
        "Exit: 0 live and fresh, 1 stale or not live, 2 cannot be read, 3 empty or damaged.");
    return [options, &clock] { return run(*options, clock); };
}

}  // namespace wanctl::inspect
