// `wanctl shm show NAME`: who writes the segment, its newest record, its facts and its counters.
#include <cstdio>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "common/exit_code.hpp"
#include "shm/inspect/command.hpp"
#include "shm/inspect/segment_view.hpp"

namespace wanctl::inspect {
namespace {

struct Options {
    SourceOptions source;
    double max_age_s = 0;  // 0 = the writer's own promise
    bool json = false;
};

int verdict(const SegmentView& view, Nanos max_age) {
    if (view.read != shm::ReadStatus::ok || !view.fault.empty()) return tool_exit::kInvalid;
    // Of a copy nothing is asked but that it can be read.
    if (!view.liveness) return tool_exit::kYes;
    const bool fresh =
        view.liveness == shm::Liveness::live && view.newest_age && *view.newest_age <= max_age;
    return fresh ? tool_exit::kYes : tool_exit::kNo;
}

std::string_view why_no_record(shm::ReadStatus status) {
    return status == shm::ReadStatus::empty ? "nothing has been published yet"
                                            : "the newest record cannot be read consistently";
}

void print_field(const FieldInfo& field, const std::byte* bytes) {
    if (field.role == FieldRole::reserved) return;
    fmt::print("  {:<27} {:<28}  {}\n", field.name, field_text(field, bytes), field.help);
}

void print_record(const SegmentView& view, const Decoder& decoder) {
    fmt::print("\nnewest record, number {}, {}\n", view.newest_number,
               view.newest_age ? duration_text(*view.newest_age) + " ago" : "of another boot");
    const std::string headline = decoder.headline(view.newest.bytes);
    if (!headline.empty()) fmt::print("{}\n", headline);
    for (const FieldInfo& field : decoder.table().fields()) print_field(field, view.newest.bytes);
}

void print_facts(const SegmentSource& source) {
    if (source.decoder().table().facts().empty()) return;
    shm::RawFacts facts{};
    const shm::ReadStatus read = shm::facts_of(source.frame(), facts);
    fmt::print("\nslow facts{}\n", read == shm::ReadStatus::ok      ? ""
                                   : read == shm::ReadStatus::empty ? ": none written"
                                                                    : ": cannot be read now");
    if (read != shm::ReadStatus::ok) return;
    for (const FieldInfo& field : source.decoder().table().facts()) {
        print_field(field, facts.bytes);
    }
}

void print_counters(const SegmentSource& source) {
    fmt::print("\ncounters since start\n");
    const auto counters = source.decoder().table().counters();
    for (std::size_t i = 0; i < counters.size(); ++i) {
        const std::uint64_t value = source.counter(i);
        const std::string shown = counters[i].unit == "ns"
                                      ? duration_text(Nanos(static_cast<std::int64_t>(value)))
                                      : fmt::format("{}", value);
        fmt::print("  {:<27} {:<28}  {}\n", counters[i].name, shown, counters[i].help);
    }
}

void print_text(const SegmentView& view, const SegmentSource& source) {
    const shm::SegmentFacts& facts = source.facts();
    fmt::print("{}: {} records, ABI {}.{}, written by version {}\n", source.name(),
               source.decoder().table().kind(), facts.abi_major, facts.abi_minor,
               facts.version.empty() ? "?" : facts.version);
    if (!view.liveness) {
        fmt::print("  {:<10} a copy of {}, state {}\n", "file", facts.wan, shm::name(view.state));
    }
    const std::string alive = !source.this_boot() ? "of another boot"
                              : view.pid_alive    ? "alive"
                                                  : "no such process";
    fmt::print("  {:<10} {}, pid {} ({}){}, since {}\n", "writer", view.liveness_text(),
               facts.writer_pid, alive, view.owner ? fmt::format(", uid {}", *view.owner) : "",
               time_text(Nanos(facts.epoch_ns), true));
    fmt::print("  {:<10} {}, stale after {}\n", "heartbeat",
               view.heartbeat_age ? duration_text(*view.heartbeat_age) + " ago" : "-",
               duration_text(facts.stale_after));
    fmt::print("  {:<10} {} published, {} a second\n", "records", view.head,
               view.rate ? fmt::format("{:.1f}", *view.rate) : "?");
    if (view.read != shm::ReadStatus::ok) {
        fmt::print("\n{}\n", why_no_record(view.read));
    } else {
        if (!view.fault.empty()) fmt::print("\nNOT BELIEVABLE: {}\n", view.fault);
        print_record(view, source.decoder());
    }
    print_facts(source);
    print_counters(source);
}

void write_facts(JsonWriter& json, const SegmentSource& source) {
    key(json, "facts");
    shm::RawFacts facts{};
    if (source.decoder().table().facts().empty() ||
        shm::facts_of(source.frame(), facts) != shm::ReadStatus::ok) {
        json.Null();
        return;
    }
    json.StartObject();
    write_fields(json, source.decoder().table().facts(), facts.bytes);
    json.EndObject();
}

void print_json(const SegmentView& view, const SegmentSource& source) {
    rapidjson::StringBuffer buffer;
    JsonWriter json(buffer);
    json.StartObject();
    write_view(json, view, source);
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
        write_fields(json, source.decoder().table().fields(), view.newest.bytes);
        json.EndObject();
    } else {
        json.Null();
    }
    write_facts(json, source);
    key(json, "counters");
    json.StartObject();
    const auto counters = source.decoder().table().counters();
    for (std::size_t i = 0; i < counters.size(); ++i) {
        key(json, counters[i].name);
        json.Uint64(source.counter(i));
    }
    json.EndObject();
    json.EndObject();
    fmt::print("{}\n", buffer.GetString());
}

int run(const Options& options, const Clock& clock) {
    const auto source = open_source(options.source);
    if (!source) return source.error();
    const SegmentView view = look_at(*source, clock);
    if (options.json) {
        print_json(view, *source);
    } else {
        print_text(view, *source);
    }
    const Nanos max_age =
        options.max_age_s > 0 ? from_ms(options.max_age_s * 1e3) : source->facts().stale_after;
    return verdict(view, max_age);
}

}  // namespace

std::function<int()> install_show(CLI::App& app, const Clock& clock) {
    const auto options = std::make_shared<Options>();
    add_source_options(app, options->source);
    app.add_option("--max-age", options->max_age_s,
                   "seconds the newest record may be old (default: the writer's own promise)")
        ->check(CLI::Range(0.001, 86400.0));
    app.add_flag("--json", options->json, "a JSON object instead of text");
    app.footer(
        "Exit: 0 live and fresh (a copy: readable), 1 stale or not live, 2 cannot be read,\n"
        "3 empty or damaged.");
    return [options, &clock] { return run(*options, clock); };
}

}  // namespace wanctl::inspect
