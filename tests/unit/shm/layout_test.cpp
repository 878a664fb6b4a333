// The places of everything in a segment but the record's own fields, which tests/unit/record pins:
// the header, the slow facts, the slots. Compared with a committed text, so that no change of the
// ABI is made unseen.
#include <cstddef>
#include <fstream>
#include <sstream>
#include <string>

#include <fmt/format.h>

#include "common/record/cycle_counters.hpp"
#include "common/record/cycle_fields.hpp"
#include "shm/layout.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::shm;

namespace {

struct Place {
    const char* name;
    std::size_t offset;
    std::size_t bytes;
};

#define HEADER_PLACE(field)                                                  \
    Place {                                                                  \
#field, offsetof(SegmentHeader, field), sizeof(SegmentHeader::field) \
    }

constexpr Place kHeader[] = {
    HEADER_PLACE(magic),
    HEADER_PLACE(abi_major),
    HEADER_PLACE(abi_minor),
    HEADER_PLACE(endian_marker),
    HEADER_PLACE(layout_hash),
    HEADER_PLACE(segment_size),
    HEADER_PLACE(header_size),
    HEADER_PLACE(slot_size),
    HEADER_PLACE(slot_count),
    HEADER_PLACE(record_version),
    HEADER_PLACE(boot_id),
    HEADER_PLACE(writer_pid),
    HEADER_PLACE(pad0),
    HEADER_PLACE(writer_start_ticks),
    HEADER_PLACE(epoch_ns),
    HEADER_PLACE(created_ns),
    HEADER_PLACE(tick_period_ns),
    HEADER_PLACE(stale_after_ns),
    HEADER_PLACE(wan),
    HEADER_PLACE(version),
    HEADER_PLACE(record_kind),
    HEADER_PLACE(counter_count),
    HEADER_PLACE(facts_head),
    HEADER_PLACE(reserved0),
    HEADER_PLACE(head),
    HEADER_PLACE(doorbell),
    HEADER_PLACE(state),
    HEADER_PLACE(pad1),
    HEADER_PLACE(heartbeat_ns),
    HEADER_PLACE(counters),
    HEADER_PLACE(description),
};

#undef HEADER_PLACE

std::string layout_now() {
    using Layout = SegmentLayout<CycleRecord>;
    using Slot = SegmentRing<CycleRecord>::Slot;
    std::string text = fmt::format("segment {} bytes, magic {:016x}, endian {:08x}\n",
                                   sizeof(Layout), kMagic, kEndianMarker);
    const auto add = [&](const char* part, std::size_t offset, std::size_t bytes) {
        text += fmt::format("{:#07x} {:>7} {}\n", offset, bytes, part);
    };
    for (const Place& place : kHeader) add(place.name, place.offset, place.bytes);
    add("facts[0]", offsetof(SegmentFrame, facts), sizeof(FactsCopy));
    add("facts[1]", offsetof(SegmentFrame, facts) + sizeof(FactsCopy), sizeof(FactsCopy));
    add("more description", offsetof(SegmentFrame, description), sizeof(SegmentFrame::description));
    add("slots", offsetof(Layout, slots), sizeof(Layout::slots));
    text += fmt::format("slot of {}\n", sizeof(Slot));
    add("sequence", offsetof(Slot, sequence), sizeof(Slot::sequence));
    add("payload", offsetof(Slot, payload), sizeof(Slot::payload));
    for (std::uint32_t state = 0; state < 6; ++state) {
        text += fmt::format("state {} {}\n", state, name(static_cast<SegmentState>(state)));
    }
    return text;
}

}  // namespace

TEST_CASE("everything in a segment is where the committed text says") {
    std::ifstream file(WANCTL_GOLDEN_SEGMENT);
    std::ostringstream golden;
    golden << file.rdbuf();
    CHECK(layout_now() == golden.str());
}

TEST_CASE("the header's fields cover it without gap or overlap") {
    std::size_t next = 0;
    for (const Place& place : kHeader) {
        CAPTURE(place.name);
        CHECK(place.offset == next);
        next = place.offset + place.bytes;
    }
    CHECK(next == sizeof(SegmentHeader));
}

TEST_CASE("the fields' self-description and the counters fit the header") {
    const RecordAbi abi = cycle_abi();
    CHECK(abi.description.size() < kDescriptionBytes + kMoreDescriptionBytes);
    CHECK(abi.counters.size() <= kMaxCounters);
    for (const CounterInfo& counter : abi.counters) {
        CHECK(abi.description.find(fmt::format("\n#{}", counter.name)) != std::string::npos);
    }
}
