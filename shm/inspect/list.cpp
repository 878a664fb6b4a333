// `wanctl shm list`: every segment on this machine, one line each.
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "common/exit_code.hpp"
#include "shm/directory.hpp"
#include "shm/inspect/command.hpp"
#include "shm/inspect/segment_view.hpp"

namespace wanctl::inspect {
namespace {

struct Options {
    bool json = false;
};

constexpr const char* kRow = "{:<16} {:<9} {:<8} {:>8} {:<12} {:>12} {:>12} {:>12} {:>9}\n";

std::string age_text(std::optional<Nanos> age) {
    return age ? duration_text(*age) : "-";
}

void print_row(const SegmentView& view, const SegmentSource& source) {
    const shm::SegmentFacts& facts = source.facts();
    fmt::print(fmt::runtime(kRow), source.name(), source.decoder().table().kind(),
               view.liveness_text(),
               fmt::format("{}{}", facts.writer_pid, view.pid_alive ? "" : "!"), facts.version,
               age_text(view.heartbeat_age), age_text(view.newest_age), view.head,
               view.rate ? fmt::format("{:.1f}/s", *view.rate) : "-");
}

// The failure goes into the same list: a segment that cannot be read is what the operator looks
// for.
void write_failure(JsonWriter& json, const std::string& name, const shm::AttachFailure& failure) {
    json.StartObject();
    key(json, "name");
    text(json, name);
    key(json, "error");
    text(json, shm::name(failure.status));
    key(json, "text");
    text(json, failure.text);
    json.EndObject();
}

int run(const Options& options, const Clock& clock) {
    const auto names = shm::list_segments();
    if (!names) {
        fmt::print(stderr, "wanctl: {}\n", names.error().message);
        return tool_exit::kCannot;
    }
    rapidjson::StringBuffer buffer;
    JsonWriter json(buffer);
    json.StartArray();
    if (!options.json && !names->empty()) {
        fmt::print(fmt::runtime(kRow), "NAME", "KIND", "STATE", "PID", "VERSION", "HEARTBEAT",
                   "NEWEST", "RECORDS", "RATE");
    }
    bool all_read = true;
    for (const std::string& name : *names) {
        const auto source = SegmentSource::attach(name);
        if (!source) {
            // Removed since the directory was read: not there is not unreadable.
            if (source.error().status == shm::AttachStatus::absent) continue;
            all_read = false;
            write_failure(json, name, source.error());
            if (!options.json) fmt::print("{:<16} cannot be read: {}\n", name, source.error().text);
            continue;
        }
        const SegmentView view = look_at(*source, clock);
        json.StartObject();
        write_view(json, view, *source);
        json.EndObject();
        if (!options.json) print_row(view, *source);
    }
    json.EndArray();
    if (options.json) {
        fmt::print("{}\n", buffer.GetString());
    } else if (names->empty()) {
        fmt::print("no segments in {}: no daemon has run since the last boot\n", shm::kDirectory);
    }
    return all_read ? tool_exit::kYes : tool_exit::kCannot;
}

}  // namespace

std::function<int()> install_list(CLI::App& app, const Clock& clock) {
    const auto options = std::make_shared<Options>();
    app.add_flag("--json", options->json, "a JSON array instead of a table");
    app.footer(
        "STATE: live; hung (alive, but its loop stands still); stopped (said so); retired (has a\n"
        "successor); dead (killed, or of an earlier boot). PID with '!': no such process any "
        "more.\n"
        "Exit: 0 all could be read, 2 one or more could not.");
    return [options, &clock] { return run(*options, clock); };
}

}  // namespace wanctl::inspect
