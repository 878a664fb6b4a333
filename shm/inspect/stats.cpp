// `wanctl shm stats NAME`: how regularly records come, how old they are when a reader gets them,
// what is lost, and how long the stages of a slot take.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "common/clock.hpp"
#include "common/exit_code.hpp"
#include "shm/inspect/command.hpp"
#include "shm/inspect/render.hpp"
#include "shm/inspect/segment_source.hpp"

namespace wanctl::inspect {
namespace {

struct Options {
    SourceOptions source;
    std::uint64_t last = RawRing::kSlots;
    double watch_s = 2;
    bool json = false;
};

// Durations of one kind, and what is said of them.
class Series {
  public:
    void add(Nanos value) { values_.push_back(value.count()); }
    [[nodiscard]] std::size_t count() const { return values_.size(); }
    void sort() { std::ranges::sort(values_); }
    // The least value that `percent` of all do not exceed; sorted and not empty.
    [[nodiscard]] Nanos percentile(std::size_t percent) const {
        const std::size_t rank = (values_.size() * percent + 99) / 100;
        return Nanos(values_[std::max<std::size_t>(rank, 1) - 1]);
    }

  private:
    std::vector<std::int64_t> values_;
};

struct Stage {
    std::string name;
    Series time;
};

struct Figures {
    std::uint64_t head = 0;
    std::uint64_t looked_at = 0;
    std::uint64_t read = 0;
    std::uint64_t lost = 0;          // of those looked at, in the ring
    std::uint64_t lost_reading = 0;  // while records were read as they came
    std::uint64_t backwards = 0;     // records older than the one before
    Series gap;
    Series age;
    std::vector<Stage> stages;
};

const FieldInfo* stage_field(const Decoder& decoder) {
    const FieldInfo* field = decoder.table().field("stage_ns");
    const bool usable =
        field != nullptr && field->role == FieldRole::per_index && field->unit == "ns";
    return usable ? field : nullptr;
}

void add_stages(const FieldInfo* field, const std::byte* record, std::vector<Stage>& stages) {
    for (std::size_t i = 0; i < stages.size(); ++i) {
        const std::int64_t value = field_value(*field, record, static_cast<std::uint32_t>(i));
        if (!is_unknown(*field, value)) stages[i].time.add(Nanos(value));
    }
}

void read_ring(const SegmentSource& source, const Options& options, Figures& figures) {
    const FieldInfo* field = stage_field(source.decoder());
    if (field != nullptr) {
        const auto words = field->names->values;
        for (std::size_t i = 0; i < words.size() && i < field->count; ++i) {
            figures.stages.push_back({std::string(words[i]), {}});
        }
    }
    const auto records = source.records();
    figures.head = records.head();
    const std::uint64_t reach =
        source.attached() != nullptr ? shm::Cursor<RawRing>::kReach : RawRing::kSlots;
    figures.looked_at = std::min({figures.head, options.last, reach});
    bool follows = false;  // the record before is `before`
    Nanos before{};
    shm::RawRecord record{};
    for (std::uint64_t n = figures.head - figures.looked_at; n < figures.head; ++n) {
        if (records.read(n, record) != shm::ReadStatus::ok) {
            ++figures.lost;
            follows = false;
            continue;
        }
        ++figures.read;
        add_stages(field, record.bytes, figures.stages);
        const auto at = source.decoder().mono(record.bytes);
        if (!at) continue;
        if (follows) figures.gap.add(*at - before);
        if (follows && *at < before) ++figures.backwards;
        follows = true;
        before = *at;
    }
}

// Reads records as they come, as any other reader would.
void read_live(const RawReader& reader, const Decoder& decoder, Nanos duration, const Clock& clock,
               Figures& figures) {
    auto cursor = reader.from_newest();
    const SteadyTime end = clock.steady() + duration;
    shm::RawRecord record{};
    for (SteadyTime now = clock.steady(); now < end; now = clock.steady()) {
        const std::uint32_t seen = reader.doorbell();
        while (cursor.next(record).status == shm::CursorStatus::record) {
            const auto at = decoder.mono(record.bytes);
            if (at) figures.age.add(clock.steady().time_since_epoch() - *at);
            if (clock.steady() >= end) break;
        }
        static_cast<void>(reader.wait(seen, end - now));
    }
    figures.lost_reading = cursor.lost();
}

void write_series(JsonWriter& json, std::string_view name, const Series& series) {
    key(json, name);
    if (series.count() == 0) {
        json.Null();
        return;
    }
    json.StartObject();
    key(json, "count");
    json.Uint64(series.count());
    key(json, "p50");
    json.Int64(series.percentile(50).count());
    key(json, "p99");
    json.Int64(series.percentile(99).count());
    key(json, "max");
    json.Int64(series.percentile(100).count());
    json.EndObject();
}

void print_json(const SegmentSource& source, const Figures& figures) {
    rapidjson::StringBuffer buffer;
    JsonWriter json(buffer);
    json.StartObject();
    key(json, "name");
    text(json, source.name());
    key(json, "records");
    json.Uint64(figures.head);
    key(json, "read");
    json.Uint64(figures.read);
    key(json, "lost");
    json.Uint64(figures.lost + figures.lost_reading);
    key(json, "backwards");
    json.Uint64(figures.backwards);
    write_series(json, "gap_ns", figures.gap);
    write_series(json, "age_ns", figures.age);
    key(json, "stage_ns");
    json.StartObject();
    for (const Stage& stage : figures.stages) write_series(json, stage.name, stage.time);
    json.EndObject();
    json.EndObject();
    fmt::print("{}\n", buffer.GetString());
}

void print_series(std::string_view name, const Series& series, std::string_view none) {
    if (series.count() == 0) {
        fmt::print("  {:<22} {}\n", name, none);
        return;
    }
    fmt::print("  {:<22} {:>10} {:>10} {:>10} {:>8}\n", name, duration_text(series.percentile(50)),
               duration_text(series.percentile(99)), duration_text(series.percentile(100)),
               series.count());
}

void print_text(const SegmentSource& source, const Figures& figures) {
    fmt::print("{}: {} records published, the last {} read, {} of them lost", source.name(),
               figures.head, figures.read, figures.lost);
    if (figures.lost_reading > 0) fmt::print(", {} lost while reading", figures.lost_reading);
    if (figures.backwards > 0) fmt::print(", {} OUT OF ORDER", figures.backwards);
    fmt::print("\n\n  {:<22} {:>10} {:>10} {:>10} {:>8}\n", "", "p50", "p99", "max", "COUNT");
    print_series("between records", figures.gap, "not enough records");
    print_series("age when read", figures.age, "no record came while this looked");
    for (const Stage& stage : figures.stages) {
        print_series("stage " + stage.name, stage.time, "not enough records");
    }
}

int run(const Options& options, const Clock& clock) {
    const auto source = open_source(options.source);
    if (!source) return source.error();
    Figures figures;
    read_ring(*source, options, figures);
    const RawReader* reader = source->attached();
    if (reader != nullptr && reader->liveness(clock.steady()) == shm::Liveness::live &&
        options.watch_s > 0) {
        read_live(*reader, source->decoder(), from_ms(options.watch_s * 1e3), clock, figures);
    }
    figures.gap.sort();
    figures.age.sort();
    for (Stage& stage : figures.stages) stage.time.sort();
    if (options.json) {
        print_json(*source, figures);
    } else {
        print_text(*source, figures);
    }
    if (figures.read < 2) return tool_exit::kInvalid;
    const bool whole = figures.lost + figures.lost_reading + figures.backwards == 0;
    return whole ? tool_exit::kYes : tool_exit::kNo;
}

}  // namespace

std::function<int()> install_stats(CLI::App& app, const Clock& clock) {
    const auto options = std::make_shared<Options>();
    add_source_options(app, options->source);
    app.add_option("--last", options->last, "look at so many records (default: all in the ring)")
        ->check(CLI::PositiveNumber);
    app.add_option("--watch", options->watch_s,
                   "seconds to read records as they come, for their age (default 2; 0: only what "
                   "is there)")
        ->check(CLI::Range(0.0, 3600.0));
    app.add_flag("--json", options->json, "a JSON object instead of text; times in ns");
    app.footer(
        "Exit: 0 complete and in order, 1 records lost or out of order, 2 cannot be read,\n"
        "3 fewer than two records.");
    return [options, &clock] { return run(*options, clock); };
}

}  // namespace wanctl::inspect
