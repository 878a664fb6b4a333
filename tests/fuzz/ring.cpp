// A segment under hostile hands: whatever its first page and its slots hold, a reader ends, hands
// out records in order and counts what it lost, and validation and rendering swallow the rest; so
// does who reads records by what the segment says of itself.
//
// The input is a list of damages to a good segment of eight slots: two bytes place, one byte length
// (1 to 16), so many bytes. A first byte of 255 means a segment of steering, damaged by what
// follows; one of 0 raw memory instead: frame, then slots.
#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include <rapidjson/document.h>

#include "common/record/cycle_checks.hpp"
#include "common/record/cycle_facts.hpp"
#include "common/record/cycle_fields.hpp"
#include "common/record/steering_fields.hpp"
#include "shm/attach.hpp"
#include "shm/cursor.hpp"
#include "shm/inspect/decoder.hpp"
#include "shm/inspect/render.hpp"
#include "tests/fuzz/target.hpp"

namespace {

using namespace wanctl;
using wanctl::fuzz::require;

constexpr std::size_t kFuzzSlots = 8;
constexpr std::uint64_t kPublished = 11;
constexpr std::uint8_t kSteering = 255;
constexpr std::size_t kEscaped = 4;  // "\\x1b" for one byte
constexpr std::int64_t kNow = 5'000'000'000;

using Small = shm::Ring<CycleRecord, kFuzzSlots>;

struct Memory {
    shm::SegmentFrame frame;
    Small::Slot slots[kFuzzSlots];

    [[nodiscard]] shm::RingReader<Small> reader() const {
        return shm::RingReader<Small>({&frame.header.head, &frame.header.doorbell, slots});
    }
};

CycleRecord good_record(std::uint64_t number) {
    CycleRecord record;
    record.slot = number;
    record.mono_ns = kNow - 1'000'000;
    record.interval_ns = 50'000'000;
    return record;
}

// In the bytes of the other kind: a ring does not look into its records.
CycleRecord good_steering(std::uint64_t number) {
    SteeringRecord record;
    record.slot = number;
    record.mono_ns = kNow - 1'000'000;
    record.interval_ns = 50'000'000;
    return std::bit_cast<CycleRecord>(record);
}

Memory good_memory(const RecordAbi& abi) {
    Memory memory{};
    shm::SegmentHeader& header = memory.frame.header;
    header.magic = shm::kMagic;
    header.abi_major = abi.major;
    header.abi_minor = abi.minor;
    header.endian_marker = shm::kEndianMarker;
    header.layout_hash = abi.layout_hash;
    header.segment_size = shm::kSegmentBytes;
    header.header_size = shm::kHeaderBytes;
    header.slot_size = shm::kSlotBytes;
    header.slot_count = shm::kSlots;
    header.record_version = abi.version;
    header.tick_period_ns = 50'000'000;
    header.stale_after_ns = 500'000'000;
    header.record_kind = static_cast<std::uint32_t>(abi.kind);
    header.counter_count = static_cast<std::uint32_t>(abi.counters.size());
    header.state = static_cast<std::uint32_t>(shm::SegmentState::live);
    std::memcpy(header.wan, "cable", 5);
    std::memcpy(header.version, "0.1.0", 5);
    const std::size_t first = abi.description.copy(header.description, shm::kDescriptionBytes);
    if (first == shm::kDescriptionBytes) {
        abi.description.copy(memory.frame.description, shm::kMoreDescriptionBytes, first);
    }
    shm::RingWriter<Small> writer({&header.head, &header.doorbell, memory.slots});
    for (std::uint64_t n = 0; n < kPublished; ++n) {
        writer.store(abi.kind == RecordKind::steering ? good_steering(n) : good_record(n));
        writer.ring_doorbell();
    }
    shm::RingWriter<shm::FactsRing<CycleFacts>> facts(
        {&header.facts_head, nullptr,
         reinterpret_cast<shm::FactsRing<CycleFacts>::Slot*>(memory.frame.facts)});
    facts.store(CycleFacts{});
    return memory;
}

void damage(Memory& memory, std::span<const std::uint8_t> input) {
    auto* bytes = reinterpret_cast<std::uint8_t*>(&memory);
    if (!input.empty() && input.front() == 0) {
        std::memset(bytes, 0, sizeof memory);
        std::memcpy(bytes, input.data() + 1, std::min(input.size() - 1, sizeof memory));
        return;
    }
    while (input.size() > 3) {
        const std::size_t place = (input[0] | std::size_t{input[1]} << 8) % sizeof memory;
        const std::size_t wanted = 1 + input[2] % 16U;
        input = input.subspan(3);
        const std::size_t length = std::min({wanted, input.size(), sizeof memory - place});
        std::memcpy(bytes + place, input.data(), length);
        input = input.subspan(length);
    }
}

void check_facts(const Memory& memory, const RecordAbi& abi) {
    const auto page =
        std::as_bytes(std::span<const shm::SegmentHeader, 1>(&memory.frame.header, 1));
    const auto facts = shm::check_header(page, abi);
    if (!facts) {
        require(!facts.error().text.empty(), "a refusal has a text");
        require(!shm::name(facts.error().status).empty(), "a refusal has a name");
        return;
    }
    require(facts->abi_major == abi.major, "another major version is refused");
    if (abi.kind != RecordKind::any) {
        require(facts->kind == abi.kind, "another kind of record is refused");
        require(facts->layout_hash == abi.layout_hash, "another layout is refused");
    }
    require(facts->wan.size() <= kEscaped * shm::kWanBytes, "the name is bounded");
    require(facts->version.size() <= kEscaped * shm::kVersionBytes, "the version is bounded");
    require(facts->description.size() <= shm::kDescriptionBytes + shm::kMoreDescriptionBytes,
            "the description is bounded");
    require(facts->counter_count <= shm::kMaxCounters, "the counters are bounded");
    for (const Nanos time : {facts->tick_period, facts->stale_after}) {
        require(time >= std::chrono::milliseconds(1) && time <= std::chrono::hours(1),
                "deadlines are within reason");
    }
}

void check_slow_facts(const Memory& memory) {
    require(shm::whole_description(memory.frame).size() <=
                shm::kDescriptionBytes + shm::kMoreDescriptionBytes,
            "the whole description is bounded");
    CycleFacts facts;
    if (shm::facts_of(memory.frame, facts) != shm::ReadStatus::ok) return;
    for (const auto& queue : facts.queue) {
        require(fact_text(queue).size() <= kFactNameBytes, "texts of the facts are bounded");
    }
}

// Whatever a table says of a record's bytes, they become JSON, words and CSV.
void print(std::span<const FieldInfo> fields, const std::byte* bytes) {
    rapidjson::StringBuffer buffer;
    JsonWriter json(buffer);
    json.StartObject();
    write_fields(json, fields, bytes);
    json.EndObject();
    rapidjson::Document document;
    document.Parse(buffer.GetString(), buffer.GetSize());
    require(document.IsObject(), "every record becomes valid JSON");
    for (const FieldInfo& field : fields) {
        require(!inspect::field_text(field, bytes).empty(), "every field becomes words");
    }
    const std::string line = inspect::csv_line(fields, bytes);
    require(std::ranges::count(line, ',') == std::ranges::count(inspect::csv_header(fields), ','),
            "every record becomes one line of as many columns as the header has");
}

// What any program does with a record it got: ask whether it is believable, and print it either
// way.
void use(const CycleRecord& record) {
    const std::string fault = first_fault(record, SteadyTime(Nanos(kNow)));
    if (fault.empty()) {
        require(record.direction[0].wanted_bps >= 0, "a believable rate is not negative");
        require(record.mono_ns >= 0, "a believable time is not negative");
    }
    const auto* bytes = reinterpret_cast<const std::byte*>(&record);
    print(cycle_fields(), bytes);
}

// Printing is nearly all of a run's time, and what is undamaged prints well.
bool damaged(const CycleRecord& record, std::uint64_t number) {
    const CycleRecord good = good_record(number);
    return std::memcmp(&record, &good, sizeof good) != 0;
}

void read_newest(const Memory& memory) {
    CycleRecord record;
    std::uint64_t number = 0;
    if (memory.reader().read_newest(record, number) != shm::ReadStatus::ok) return;
    require(number + 1 == memory.frame.header.head, "the newest record is the one before the head");
    if (damaged(record, number)) use(record);
}

bool harmless(std::string_view text) {
    return std::ranges::none_of(
        text, [](char c) { return (c >= 0 && c < ' ' && c != '\n') || c == '\x7f'; });
}

void decode(const shm::SegmentFacts& facts, const std::byte* record) {
    const auto decoder = inspect::Decoder::of(facts);
    if (!decoder) {
        require(!decoder.error().text.empty(), "a refusal has a text");
        require(harmless(decoder.error().text), "a refusal does not move the cursor");
        return;
    }
    const inspect::KnownKind* known = decoder->known();
    require(known != nullptr || decoder->by_description(), "there is a table for every record");
    require(known == nullptr || facts.layout_hash == known->abi().layout_hash,
            "only the layout this program knows is read as its struct");
    require(decoder->by_description() || facts.record_version == known->abi().version,
            "another version is read by its description");
    require(harmless(decoder->note()), "a note does not move the cursor");
    static_cast<void>(decoder->fault(record, SteadyTime(Nanos(kNow))));
    static_cast<void>(decoder->fault(record, std::nullopt));
    static_cast<void>(decoder->mono(record));
    static_cast<void>(decoder->real(record));
    require(harmless(decoder->line(record)), "a line does not move the cursor");
    require(harmless(decoder->headline(record)), "a headline does not move the cursor");
    for (const std::string& each : decoder->added(record)) {
        require(harmless(each), "a field does not move the cursor");
    }
    print(decoder->table().fields(), record);
}

// By the description as it is, and as a liar would have made it: its hash and its version fit, or
// its layout is one that this program knows, made later.
void decode_newest(const Memory& memory) {
    CycleRecord record;
    std::uint64_t number = 0;
    if (memory.reader().read_newest(record, number) != shm::ReadStatus::ok) return;
    const auto page =
        std::as_bytes(std::span<const shm::SegmentHeader, 1>(&memory.frame.header, 1));
    auto facts = shm::check_header(page, any_abi());
    if (!facts) return;
    facts->description = shm::whole_description(memory.frame);
    const auto* bytes = reinterpret_cast<const std::byte*>(&record);
    decode(*facts, bytes);
    const auto table = RecordTable::parse(facts->description);
    if (!table) {
        require(harmless(table.error().message), "a complaint does not move the cursor");
        return;
    }
    facts->layout_hash = table->hash();
    facts->record_version = table->version() + 1;
    decode(*facts, bytes);
}

void read_all(const Memory& memory, std::uint64_t first) {
    shm::Cursor<Small> cursor(memory.reader(), first);
    CycleRecord record;
    std::uint64_t least = first;
    std::uint64_t seen = 0;
    for (;;) {
        const shm::CursorStep step = cursor.next(record);
        if (step.status != shm::CursorStatus::record) break;
        ++seen;
        require(seen <= kFuzzSlots, "a cursor ends after a ring's worth of records");
        require(step.number >= least, "records come in order, each once");
        require(memory.slots[step.number % kFuzzSlots].sequence == Small::complete(step.number),
                "a record comes from a slot that holds it complete");
        least = step.number + 1;
        require(seen + cursor.lost() == cursor.position() - first, "seen and lost make the whole");
        if (damaged(record, step.number)) use(record);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const RecordAbi abi = cycle_abi();
    static const RecordAbi other_abi = steering_abi();
    static const Memory good = good_memory(abi);
    static const Memory good_other = good_memory(other_abi);
    if (size > 0 && *data == kSteering) {
        Memory memory = good_other;
        damage(memory, std::span(data, size).subspan(1));
        check_facts(memory, other_abi);
        check_facts(memory, any_abi());
        decode_newest(memory);
        return 0;
    }
    Memory memory = good;
    damage(memory, std::span(data, size));
    check_facts(memory, abi);
    check_facts(memory, any_abi());
    check_slow_facts(memory);
    read_newest(memory);
    decode_newest(memory);
    read_all(memory, 0);
    read_all(memory, shm::Cursor<Small>::from_oldest(memory.reader()).position());
    read_all(memory, kPublished - 2);
    return 0;
}
