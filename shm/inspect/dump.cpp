// `wanctl shm dump NAME`: records, past and as they come, with a line for each loss, restart and
// end of a writer.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "common/exit_code.hpp"
#include "shm/inspect/command.hpp"
#include "shm/inspect/follower.hpp"
#include "shm/inspect/render.hpp"
#include "shm/inspect/segment_source.hpp"

namespace wanctl::inspect {
namespace {

struct Options {
    SourceOptions source;
    std::uint64_t last = 10;
    std::uint64_t count = 0;  // 0 = no end
    bool follow = false;
    std::string from;
    std::string format = "text";
    bool json = false;
};

// One line per happening; flushed each, since somebody may be reading a pipe.
class Printer final : public RecordSink<shm::RawRecord> {
  public:
    Printer(const Options& options, Decoder decoder)
        : options_(options), decoder_(std::move(decoder)) {
        if (options_.format == "csv") put("number," + csv_header(decoder_.table().fields()));
    }

    bool on_record(std::uint64_t number, const shm::RawRecord& record) override {
        if (failed_) return false;
        if (options_.format == "json") {
            rapidjson::StringBuffer buffer;
            JsonWriter json(buffer);
            json.StartObject();
            key(json, "number");
            json.Uint64(number);
            write_fields(json, decoder_.table().fields(), record.bytes);
            json.EndObject();
            put(buffer.GetString());
        } else if (options_.format == "csv") {
            put(fmt::format("{},{}", number, csv_line(decoder_.table().fields(), record.bytes)));
        } else {
            const auto real = decoder_.real(record.bytes);
            put(fmt::format("{} #{:<8} {}", real ? time_text(*real, false) : "-", number,
                            decoder_.line(record.bytes)));
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

    // The new writer may be of another version: its records are decoded by its own tables.
    void on_restart(const shm::SegmentFacts& facts) override {
        event(
            "restart", "pid", facts.writer_pid,
            fmt::format("writer restarted as pid {}, version {}", facts.writer_pid, facts.version));
        auto decoder = Decoder::of(facts);
        if (!decoder) {
            report(decoder.error());
            failed_ = true;
            return;
        }
        const bool same = decoder->table().hash() == decoder_.table().hash() &&
                          decoder->table().version() == decoder_.table().version();
        decoder_ = std::move(*decoder);
        if (!same && options_.format == "csv") {
            put("# number," + csv_header(decoder_.table().fields()));
        }
    }

    [[nodiscard]] std::uint64_t printed() const { return printed_; }
    // The successor's records cannot be decoded.
    [[nodiscard]] bool failed() const { return failed_; }

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
    Decoder decoder_;
    std::uint64_t printed_ = 0;
    bool failed_ = false;
};

// The first record to print. Of a copy even the slots that a living writer would be about to reuse.
std::uint64_t first_wanted(const Options& options, const SegmentSource& source) {
    const std::uint64_t reach =
        source.attached() != nullptr ? shm::Cursor<RawRing>::kReach : RawRing::kSlots;
    const std::uint64_t wanted = options.from == "oldest" ? reach : std::min(options.last, reach);
    const std::uint64_t head = source.records().head();
    return head > wanted ? head - wanted : 0;
}

// What is there now: a writer at full speed could keep us reading for ever.
int print_past(const Options& options, const SegmentSource& source, Printer& printer) {
    const auto records = source.records();
    const std::uint64_t head = records.head();
    std::uint64_t lost = 0;
    shm::RawRecord record{};
    const std::uint64_t first = first_wanted(options, source);
    for (std::uint64_t number = first; number < head; ++number) {
        if (records.read(number, record) != shm::ReadStatus::ok) {
            ++lost;
            continue;
        }
        if (lost > 0) printer.on_loss(std::exchange(lost, 0));
        if (!printer.on_record(number, record)) return tool_exit::kYes;
    }
    if (lost > 0) printer.on_loss(lost);
    if (head > first && printer.printed() == 0) {
        fmt::print(stderr, "wanctl: none of {} records can be read: the ring is damaged\n",
                   head - first);
        return tool_exit::kInvalid;
    }
    return tool_exit::kYes;
}

int run(Options options, const Clock& clock) {
    if (options.json) options.format = "json";
    auto source = open_source(options.source);
    if (!source) return source.error();
    Printer printer(options, source->decoder());
    if (!options.follow) return print_past(options, *source, printer);
    const shm::Cursor<RawRing> cursor(source->records(), first_wanted(options, *source));
    RecordFollower<shm::RawRecord> follower(source->name(), any_abi(), source->take_reader(),
                                            cursor, clock);
    follower.follow(printer);
    return printer.failed() ? tool_exit::kInvalid : tool_exit::kYes;
}

}  // namespace

std::function<int()> install_dump(CLI::App& app, const Clock& clock) {
    const auto options = std::make_shared<Options>();
    add_source_options(app, options->source);
    app.add_option("--last", options->last, "start this many records back (default 10)");
    app.add_option("--from", options->from, "start with the oldest record still there")
        ->check(CLI::IsMember({"oldest"}))
        ->excludes("--last");
    app.add_flag("--follow,-f", options->follow, "go on with records as they come")
        ->excludes("--file");
    app.add_option("--count", options->count, "end after this many records");
    app.add_option("--format", options->format, "text, json (one object a line) or csv")
        ->check(CLI::IsMember({"text", "json", "csv"}));
    app.add_flag("--json", options->json, "the same as --format json");
    app.footer(
        "A line of its own tells of records lost, of the writer's end and of its restart.\n"
        "Exit: 0 printed, 2 cannot be read, 3 damaged.");
    return [options, &clock] { return run(*options, clock); };
}

}  // namespace wanctl::inspect
