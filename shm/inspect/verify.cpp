// `wanctl shm verify NAME`: is everything in the segment as the ABI says? Every slot, the header,
// times and ranges. What is printed is what is wrong.
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
    bool json = false;
};

constexpr std::size_t kShown = 20;  // of what is wrong; the rest is counted

struct Findings {
    std::uint64_t slots = 0;                  // looked at
    std::uint64_t records = 0;                // found whole and believable
    std::uint64_t replaced = 0;               // by a newer record while this looked
    std::optional<std::uint64_t> unfinished;  // the record a writer was inside of
    std::uint64_t errors = 0;
    std::vector<std::string> texts;  // the first of the errors

    template <typename... Args>
    void error(fmt::format_string<Args...> format, Args&&... args) {
        ++errors;
        if (texts.size() < kShown)
            texts.push_back(fmt::format(format, std::forward<Args>(args)...));
    }
};

// What attaching has not looked at: it takes a corpse as it is.
void check_header(const SegmentSource& source, const Clock& clock, Findings& found) {
    const shm::SegmentHeader& header = source.frame().header;
    const auto state = static_cast<std::uint32_t>(source.state());
    if (state < 1 || state > 4) found.error("header: state = {}", state);
    if (header.counter_count != source.decoder().table().counters().size()) {
        found.error("header: {} counters, the tables have {}", header.counter_count,
                    source.decoder().table().counters().size());
    }
    if (header.tick_period_ns <= 0) found.error("header: tick period {} ns", header.tick_period_ns);
    if (header.stale_after_ns < header.tick_period_ns) {
        found.error("header: stale after {} ns, less than a tick", header.stale_after_ns);
    }
    if (source.heartbeat() < Nanos(header.created_ns)) {
        found.error("header: the heartbeat is older than the segment");
    }
    const Nanos now = clock.steady().time_since_epoch();
    if (source.this_boot() && (source.heartbeat() > now || Nanos(header.created_ns) > now)) {
        found.error("header: a time lies in the future");
    }
    if (header.wan[0] == '\0' || header.wan[shm::kWanBytes - 1] != '\0' ||
        header.version[shm::kVersionBytes - 1] != '\0') {
        found.error("header: a name has no end or is empty");
    }
    if (source.attached() != nullptr && source.facts().wan != source.name()) {
        found.error("header: names \"{}\", lies under \"{}\"", source.facts().wan, source.name());
    }
    const auto reserved = [](const auto& bytes) {
        return std::ranges::all_of(bytes, [](auto byte) { return byte == 0; });
    };
    if (!reserved(header.reserved0) || !reserved(header.pad1) || header.pad0 != 0) {
        found.error("header: reserved bytes are not zero");
    }
}

void check_facts(const SegmentSource& source, Findings& found) {
    shm::RawFacts facts{};
    const shm::ReadStatus read = shm::facts_of(source.frame(), facts);
    if (read == shm::ReadStatus::empty) return;
    if (read != shm::ReadStatus::ok) {
        found.error("slow facts: no whole copy");
        return;
    }
    const std::string wrong = wrong_word(source.decoder().table().facts(), facts.bytes);
    if (!wrong.empty()) found.error("slow facts: {}", wrong);
}

std::uint64_t sequence_of(const SegmentSource& source, std::size_t slot) {
    const auto* at = reinterpret_cast<const std::byte*>(&source.frame()) + shm::kHeaderBytes +
                     slot * shm::kSlotBytes;
    return shm::MappedAtomics::load_acquire(*reinterpret_cast<const std::uint64_t*>(at));
}

// A slot that never held one of the records so far.
void check_unused(const SegmentSource& source, std::uint64_t slot, std::uint64_t head,
                  Findings& found) {
    const std::uint64_t sequence = sequence_of(source, slot);
    if (sequence == 0) return;
    const bool next = slot == head || slot < source.records().head();
    if (next && sequence == RawRing::writing(slot)) {
        found.unfinished = slot;
    } else if (next) {
        ++found.replaced;
    } else {
        found.error("slot {}: sequence {}, nothing was published there", slot, sequence);
    }
}

// The way through the records, from the oldest on.
struct Walk {
    std::uint64_t head = 0;         // when it began
    std::optional<SteadyTime> now;  // where it can be compared with the records' times
    std::optional<Nanos> before;    // when the record before was made
};

void check_record(const SegmentSource& source, std::uint64_t number, Walk& walk, Findings& found) {
    const std::uint64_t slot = number & RawRing::kMask;
    shm::RawRecord record{};
    if (source.records().read(number, record) != shm::ReadStatus::ok) {
        const std::uint64_t sequence = sequence_of(source, slot);
        const std::uint64_t successor = number + RawRing::kSlots;
        if (sequence == RawRing::writing(successor) && successor == source.records().head()) {
            found.unfinished = successor;
        } else if (sequence > RawRing::complete(number) && source.records().head() > walk.head) {
            ++found.replaced;
        } else {
            found.error("slot {}: sequence {}, record {} has {}", slot, sequence, number,
                        RawRing::complete(number));
        }
        return;
    }
    const std::string fault = source.decoder().fault(record.bytes, walk.now);
    if (!fault.empty()) {
        found.error("record {} (slot {}): {}", number, slot, fault);
        return;
    }
    const auto at = source.decoder().mono(record.bytes);
    if (at && walk.before && *at < *walk.before) {
        found.error("record {} (slot {}): made before record {}", number, slot, number - 1);
    }
    walk.before = at;
    ++found.records;
}

Findings verify(const SegmentSource& source, const Clock& clock) {
    Findings found;
    check_header(source, clock, found);
    check_facts(source, found);
    const std::uint64_t head = source.records().head();
    const std::uint64_t first = head > RawRing::kSlots ? head - RawRing::kSlots : 0;
    Walk walk;
    walk.head = head;
    for (std::uint64_t number = first; number < head; ++number) {
        if (source.this_boot()) walk.now = clock.steady();
        check_record(source, number, walk, found);
        ++found.slots;
    }
    for (std::uint64_t slot = head; slot < RawRing::kSlots; ++slot) {
        check_unused(source, slot, head, found);
        ++found.slots;
    }
    return found;
}

void print_json(const SegmentSource& source, const Findings& found) {
    rapidjson::StringBuffer buffer;
    JsonWriter json(buffer);
    json.StartObject();
    key(json, "name");
    text(json, source.name());
    key(json, "good");
    json.Bool(found.errors == 0);
    key(json, "slots");
    json.Uint64(found.slots);
    key(json, "records");
    json.Uint64(found.records);
    key(json, "replaced");
    json.Uint64(found.replaced);
    key(json, "unfinished");
    if (found.unfinished) {
        json.Uint64(*found.unfinished);
    } else {
        json.Null();
    }
    key(json, "errors");
    json.Uint64(found.errors);
    key(json, "texts");
    json.StartArray();
    for (const std::string& each : found.texts) text(json, each);
    json.EndArray();
    json.EndObject();
    fmt::print("{}\n", buffer.GetString());
}

void print_text(const SegmentSource& source, const Findings& found) {
    for (const std::string& each : found.texts) fmt::print("{}\n", each);
    if (found.errors > found.texts.size()) {
        fmt::print("... and {} more\n", found.errors - found.texts.size());
    }
    fmt::print("{}: {}; {} slots, {} records whole and believable", source.name(),
               found.errors == 0 ? "good" : fmt::format("{} ERRORS", found.errors), found.slots,
               found.records);
    if (found.replaced > 0) fmt::print(", {} replaced meanwhile", found.replaced);
    if (found.unfinished) {
        fmt::print(", record {} was being written ({})", *found.unfinished,
                   source.attached() != nullptr ? "now, or when its writer died"
                                                : "when it was copied, or when its writer died");
    }
    fmt::print("\n");
}

int run(const Options& options, const Clock& clock) {
    const auto source = open_source(options.source);
    if (!source) return source.error();
    const Findings found = verify(*source, clock);
    if (options.json) {
        print_json(*source, found);
    } else {
        print_text(*source, found);
    }
    return found.errors == 0 ? tool_exit::kYes : tool_exit::kNo;
}

}  // namespace

std::function<int()> install_verify(CLI::App& app, const Clock& clock) {
    const auto options = std::make_shared<Options>();
    add_source_options(app, options->source);
    app.add_flag("--json", options->json, "a JSON object instead of text");
    app.footer(
        "Exit: 0 good, 1 errors found, 2 cannot be read, 3 no segment of this ABI.\n"
        "A writer killed inside a slot leaves that slot unfinished: no reader sees it, and it is\n"
        "no error.");
    return [options, &clock] { return run(*options, clock); };
}

}  // namespace wanctl::inspect
