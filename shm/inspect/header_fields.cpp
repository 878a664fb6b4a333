#include "shm/inspect/header_fields.hpp"

#include <array>
#include <cstddef>

#include "common/record/field_part.hpp"
#include "shm/layout.hpp"

namespace wanctl::inspect {
namespace {

using shm::SegmentHeader;

#define WANCTL_HEADER(member, ...) WANCTL_PART("", #member, SegmentHeader, 0, member, __VA_ARGS__)

constexpr FieldRole kReserved = FieldRole::reserved;

constexpr auto kFields = std::to_array<FieldInfo>({
    WANCTL_HEADER(magic, "release", "\"WANCTLSM\" as bytes; stored last, 0 = not ready"),
    WANCTL_HEADER(abi_major, "const", "readers of another major version refuse"),
    WANCTL_HEADER(abi_minor, "const", "raised when reserved bytes get a meaning"),
    WANCTL_HEADER(endian_marker, "const", "0x01020304: the segment is little endian"),
    WANCTL_HEADER(layout_hash, "const", "of the tables below, see Versions"),
    WANCTL_HEADER(segment_size, "const", "of the whole object; compare, never address by it"),
    WANCTL_HEADER(header_size, "const", "where the ring begins"),
    WANCTL_HEADER(slot_size, "const", "sequence and record"),
    WANCTL_HEADER(slot_count, "const", "a power of two"),
    WANCTL_HEADER(record_version, "const", "of this kind of record"),
    WANCTL_HEADER(boot_id, "const", "of the machine: monotonic times of another boot mean nothing"),
    WANCTL_HEADER(writer_pid, "const", "for display: never a reason to kill"),
    WANCTL_HEADER(pad0, "const", "zero", kReserved),
    WANCTL_HEADER(writer_start_ticks, "const", "field 22 of /proc/PID/stat"),
    WANCTL_HEADER(epoch_ns, "const", "CLOCK_REALTIME at creation: names this instance"),
    WANCTL_HEADER(created_ns, "const", "CLOCK_MONOTONIC at creation"),
    WANCTL_HEADER(tick_period_ns, "const", "nominal time between records"),
    WANCTL_HEADER(stale_after_ns, "const", "the writer's promise: older is stale"),
    WANCTL_HEADER(wan, "const", "name of the WAN, or \"steering\"; NUL padded"),
    WANCTL_HEADER(version, "const", "of the program that writes; NUL padded"),
    WANCTL_HEADER(record_kind, "const", "1 cycle, 2 steering"),
    WANCTL_HEADER(counter_count, "const", "counters in use"),
    WANCTL_HEADER(facts_head, "release",
                  "slow facts written; the newest is in copy (this - 1) % 2"),
    WANCTL_HEADER(reserved0, "const", "zero", kReserved),
    WANCTL_HEADER(head, "release", "records completed; the newest has the number head - 1"),
    WANCTL_HEADER(doorbell, "release", "futex word, +1 per record and per change of state"),
    WANCTL_HEADER(state, "release", "1 starting, 2 live, 3 stopping, 4 retired"),
    WANCTL_HEADER(pad1, "const", "zero", kReserved),
    WANCTL_HEADER(heartbeat_ns, "release", "CLOCK_MONOTONIC of the writer's last turn"),
    WANCTL_HEADER(counters, "relaxed", "figures of the process, each by itself"),
    WANCTL_HEADER(description, "const", "self-description, goes on behind the slow facts"),
});

#undef WANCTL_HEADER

static_assert(covers(kFields, sizeof(SegmentHeader)));

}  // namespace

std::span<const FieldInfo> header_fields() {
    return kFields;
}

}  // namespace wanctl::inspect
