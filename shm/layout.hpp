// The segment in memory: header, slow facts, ring. Every offset is part of the ABI.
//
// Little endian, plain integers, no pointers. "const" fields are written before the magic and never
// again; the others say how. Lines apart by 128 bytes hold what different parties touch.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

#include "common/record/record_abi.hpp"
#include "shm/ring.hpp"

namespace wanctl::shm {

static_assert(std::endian::native == std::endian::little, "the segment is little endian");

inline constexpr std::uint64_t kMagic = 0x4D53'4C54'434E'4157ULL;  // "WANCTLSM" as bytes
inline constexpr std::uint32_t kEndianMarker = 0x01020304;
inline constexpr std::size_t kHeaderBytes = 0x3000;
inline constexpr std::size_t kSlotBytes = 512;
inline constexpr std::size_t kSlots = 4096;
inline constexpr std::size_t kSegmentBytes = kHeaderBytes + kSlots * kSlotBytes;
inline constexpr std::size_t kMaxCounters = 79;
inline constexpr std::size_t kWanBytes = 32;
inline constexpr std::size_t kVersionBytes = 48;
inline constexpr std::size_t kDescriptionBytes = 3072;
// The self-description goes on here where the first place ends.
inline constexpr std::size_t kMoreDescriptionBytes = 5632;

enum class SegmentState : std::uint32_t { starting = 1, live = 2, stopping = 3, retired = 4 };

[[nodiscard]] std::string_view name(SegmentState state);

// The first page.
struct SegmentHeader {
    std::uint64_t magic;  // stored last, release; 0 = not ready
    std::uint16_t abi_major;
    std::uint16_t abi_minor;
    std::uint32_t endian_marker;
    std::uint64_t layout_hash;   // of the record's fields
    std::uint64_t segment_size;  // sizes and counts are compared, never used for addressing
    std::uint32_t header_size;
    std::uint32_t slot_size;
    std::uint32_t slot_count;
    std::uint32_t record_version;
    std::uint8_t boot_id[16];
    std::int32_t writer_pid;  // for display: never a reason to kill
    std::uint32_t pad0;
    std::uint64_t writer_start_ticks;  // field 22 of /proc/PID/stat
    std::int64_t epoch_ns;             // CLOCK_REALTIME at creation: identifies the instance
    std::int64_t created_ns;           // CLOCK_MONOTONIC
    std::int64_t tick_period_ns;
    std::int64_t stale_after_ns;  // the writer's own promise
    char wan[kWanBytes];          // NUL padded
    char version[kVersionBytes];  // NUL padded
    // The first words of the 64 bytes reserved at 0x0C0.
    std::uint32_t record_kind;    // RecordKind
    std::uint32_t counter_count;  // counters in use below
    std::uint64_t facts_head;     // slow facts written so far, release after each
    std::uint8_t reserved0[48];

    std::uint64_t head;      // records completed, release after each
    std::uint32_t doorbell;  // futex word, +1 per record and per change of state
    std::uint32_t state;     // SegmentState, release
    std::uint8_t pad1[112];

    std::int64_t heartbeat_ns;  // CLOCK_MONOTONIC, every turn of the writer's loop
    std::uint64_t
        counters[kMaxCounters];  // relaxed, each by itself; both counter blocks in one row

    // self_description(). NUL ended when it fits; else it goes on at SegmentLayout's `description`
    // and is NUL ended there.
    char description[kDescriptionBytes];
};

static_assert(std::is_trivially_copyable_v<SegmentHeader>);
static_assert(std::is_standard_layout_v<SegmentHeader>);
static_assert(std::has_unique_object_representations_v<SegmentHeader>, "no padding");
static_assert(offsetof(SegmentHeader, abi_major) == 0x008);
static_assert(offsetof(SegmentHeader, abi_minor) == 0x00A);
static_assert(offsetof(SegmentHeader, endian_marker) == 0x00C);
static_assert(offsetof(SegmentHeader, layout_hash) == 0x010);
static_assert(offsetof(SegmentHeader, segment_size) == 0x018);
static_assert(offsetof(SegmentHeader, header_size) == 0x020);
static_assert(offsetof(SegmentHeader, slot_size) == 0x024);
static_assert(offsetof(SegmentHeader, slot_count) == 0x028);
static_assert(offsetof(SegmentHeader, record_version) == 0x02C);
static_assert(offsetof(SegmentHeader, boot_id) == 0x030);
static_assert(offsetof(SegmentHeader, writer_pid) == 0x040);
static_assert(offsetof(SegmentHeader, writer_start_ticks) == 0x048);
static_assert(offsetof(SegmentHeader, epoch_ns) == 0x050);
static_assert(offsetof(SegmentHeader, created_ns) == 0x058);
static_assert(offsetof(SegmentHeader, tick_period_ns) == 0x060);
static_assert(offsetof(SegmentHeader, stale_after_ns) == 0x068);
static_assert(offsetof(SegmentHeader, wan) == 0x070);
static_assert(offsetof(SegmentHeader, version) == 0x090);
static_assert(offsetof(SegmentHeader, record_kind) == 0x0C0);
static_assert(offsetof(SegmentHeader, counter_count) == 0x0C4);
static_assert(offsetof(SegmentHeader, facts_head) == 0x0C8);
static_assert(offsetof(SegmentHeader, head) == 0x100);
static_assert(offsetof(SegmentHeader, doorbell) == 0x108);
static_assert(offsetof(SegmentHeader, state) == 0x10C);
static_assert(offsetof(SegmentHeader, heartbeat_ns) == 0x180);
static_assert(offsetof(SegmentHeader, counters) == 0x188);
static_assert(offsetof(SegmentHeader, description) == 0x400);
static_assert(sizeof(SegmentHeader) == 0x1000);

// The slow facts (names, bounds, later tables per tin) lie in two copies: a latch. It is the ring's
// protocol on a ring of two with `facts_head` as its head: the writer works on the copy that no
// reader is told to read, so a writer that stops half-way leaves the other copy whole.
template <typename Facts>
using FactsRing = Ring<Facts, 2>;

struct FactsCopy {
    std::uint64_t sequence;
    std::uint64_t payload[kFactsBytes / sizeof(std::uint64_t)];
};
static_assert(sizeof(FactsCopy) == 0x500);

template <typename Record>
using SegmentRing = Ring<Record, kSlots>;

// Records and facts as bytes without a meaning: for what works on any kind of them.
struct RawRecord {
    std::byte bytes[kRecordBytes];
};
struct RawFacts {
    std::byte bytes[kFactsBytes];
};

// All that lies before the ring.
struct SegmentFrame {
    SegmentHeader header;
    FactsCopy facts[2];                       // 0x1000 and 0x1500
    char description[kMoreDescriptionBytes];  // 0x1A00
};
static_assert(offsetof(SegmentFrame, facts) == 0x1000);
static_assert(offsetof(SegmentFrame, description) == 0x1A00);
static_assert(sizeof(SegmentFrame) == kHeaderBytes);
static_assert(sizeof(FactsRing<RawFacts>::Slot) == sizeof(FactsCopy));

// The whole object of one kind of record.
template <typename Record>
struct SegmentLayout {
    SegmentFrame frame;
    typename SegmentRing<Record>::Slot slots[kSlots];
};

template <typename Record>
inline constexpr bool kFitsSegment = sizeof(Record) == kRecordBytes &&
                                     sizeof(typename SegmentRing<Record>::Slot) ==
                                         kSlotBytes&& offsetof(SegmentLayout<Record>,
                                                               slots) == kHeaderBytes
                                     && sizeof(SegmentLayout<Record>) == kSegmentBytes;

// The newest slow facts in the frame.
template <typename Facts>
[[nodiscard]] ReadStatus facts_of(const SegmentFrame& frame, Facts& out) {
    static_assert(sizeof(Facts) == kFactsBytes);
    std::uint64_t number = 0;
    const auto* copies = reinterpret_cast<const typename FactsRing<Facts>::Slot*>(frame.facts);
    return RingReader<FactsRing<Facts>>({&frame.header.facts_head, nullptr, copies})
        .read_newest(out, number);
}

}  // namespace wanctl::shm
