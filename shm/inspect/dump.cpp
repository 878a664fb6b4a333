// `wanctl shm dump NAME`: records, past and as they come, with a line for each loss, restart and
// end of a writer.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "common/exit_code.hpp"
#include "common/record/cycle_fields.hpp"
#include "common/record/states.hpp"
#include "shm/inspect/command.hpp"
#include "shm/inspect/follower.hpp"

namespace wanctl::inspect {
namespace {

struct Options {
    std::string name;
    std::uint64_t last = 10;
    std::uint64_t count = 0;  // 0 = no end
    bool follow = false;
    std::string from;
    std::string format = "text";
    bool json = false;
};

std::string direction_text(const char* label, const DirectionRecord& record) {
    return fmt::format("{} {:<8} {:>12} (router {})", label, name(static_cast<Zone>(record.zone)),
                       rate_text(record.wanted_bps), held_text(record.held_bps));
}

std::string record_text(std::uint64_t number, const CycleRecord& record) {
    const std::string rtt =
        record.rtt_us == kUnknownUs
            ? std::string(name(static_cast<MeasurementState>(record.measurement)))
            : fmt::format("{:.1f} ms", record.rtt_us / 1e3);
    return fmt::format("{} #{:<8} rtt {:>9} base {:>6.1f} delta {:>6.1f}  {}  {}  router {}",
                       time_text(Nanos(record.real_ns), false), number, rtt,
                       to_ms(Nanos(record.baseline_ns)), to_ms(Nanos(record.delta_ns)),
                       direction_text("dl", record.direction[0]),
                       direction_text("ul", record.direction[1]),
                       name(static_cast<RouterState>(record.router_state)));
}

// One line per happening; flushed each, since somebody may be reading a pipe.
class Printer final : public FollowerSink {
  public:
    explicit Printer(const Options& options) : options_(options) {
        if (options_.format == "csv") put(fmt::format("number,{}", csv_header(cycle_fields())));
    }

    bool on_record(std::uint64_t number, const CycleRecord& record) override {
        const auto* bytes = reinterpret_cast<const std::byte*>(&record);
        if (options_.format == "json") {
            rapidjson::StringBuffer buffer;
            JsonWriter json(buffer);
            json.StartObject();
            key(json, "number");
            json.Uint64(number);
            write_fields(json, cycle_fields(), bytes);
            json.EndObject();
            put(buffer.GetString());
        } else if (options_.format == "csv") {
            put(fmt::format("{},{}", number, csv_line(cycle_fields(), bytes)));
        } else {
            put(record_text(number, record));
        }
        ++printed_;
        return options_.count == 0 || printed_ < options_.count;
    }

    void on_loss(std::uint64_t lost) override {
        event("loss", "lost", static_cast<std::int64_t>(lost),
              fmt::format("{} records lost", lost));
    }

    void on_liveness(shm::Liveness liveness) override {
        event(name(liveness), {}, 0, fmt::format("writer is {}", name(liveness)));
    }

    void on_restart(const shm::SegmentFacts& facts) override {
        event(
            "restart", "pid", facts.writer_pid,
            fmt::format("writer restarted as pid {}, version {}", facts.writer_pid, facts.version));
    }

    [[nodiscard]] std::uint64_t printed() const { return printed_; }

  private:
    void event(std::string_view what, std::string_view figure, std::int64_t value,
               const std::string& words) {
        if (options_.format != "json") {
            put((options_.format == "csv" ? "# " : "-- ") + words);
            return;
        }
        rapidjson::StringBuffer buffer;
        JsonWriter json(buffer);
        json.StartObject();
        key(json, "event");
        text(json, what);
        if (!figure.empty()) {
            key(json, figure);
            json.Int64(value);
        }
        json.EndObject();
        put(buffer.GetString());
    }

    static void put(std::string_view line) {
        fmt::print("{}\n", line);
        std::fflush(stdout);
    }

    const Options& options_;
    std::uint64_t printed_ = 0;
};

int run(Options options, const Clock& clock) {
    if (options.json) options.format = "json";
    auto reader = attach_any(options.name);
    if (!reader) return report(reader.error());
    const auto cursor =
        options.from == "oldest" ? reader->from_oldest() : reader->last(options.last);
    if (!options.follow) {
        // What is there now: a writer at full speed could keep us reading for ever.
        const std::uint64_t there = reader->head() - cursor.position();
        if (there == 0) return tool_exit::kYes;
        options.count = options.count == 0 ? there : std::min(options.count, there);
    }
    Printer printer(options);
    Follower follower(options.name, cycle_abi(), std::move(*reader), cursor, clock);
    if (options.follow) {
        follower.follow(printer);
    } else {
        follower.drain(printer);
        if (printer.printed() == 0) {
            fmt::print(stderr, "wanctl: none of {} records can be read: the ring is damaged\n",
                       options.count);
            return tool_exit::kInvalid;
        }
    }
    return tool_exit::kYes;
}

}  // namespace

std::function<int()> install_dump(CLI::App& app, const Clock& clock) {
    const auto options = std::make_shared<Options>();
    app.add_option("name", options->name, "the segment: a WAN's name or \"steering\"")->required();
    app.add_option("--last", options->last, "start this many records back (default 10)");
    app.add_option("--from", options->from, "start with the oldest record still there")
        ->check(CLI::IsMember({"oldest"}))
        ->excludes("--last");
    app.add_flag("--follow,-f", options->follow, "go on with records as they come");
    app.add_option("--count", options->count, "end after this many records");
    app.add_option("--format", options->format, "text, json (one object a line) or csv")
        ->check(CLI::IsMember({"text", "json", "csv"}));
    app.add_flag("--json", options->json, "the same as --format json");
    return [options, &clock] { return run(*options, clock); };
}

}  // namespace wanctl::inspect
