#include "common/record/cycle_fields.hpp"

#include <array>
#include <bit>
#include <type_traits>

#include "common/record/cycle_counters.hpp"
#include "common/record/cycle_facts.hpp"
#include "common/record/field_part.hpp"

namespace wanctl {
namespace {

static_assert(sizeof(CycleRecord) == kRecordBytes);
static_assert(std::is_trivially_copyable_v<CycleRecord>);
static_assert(std::is_standard_layout_v<CycleRecord>);
// No padding: two equal records have equal bytes, so none of them is left to chance.
static_assert(std::has_unique_object_representations_v<CycleRecord>);
static_assert(std::endian::native == std::endian::little, "the ring's ABI is little endian");

using names::kBaseline;
using names::kDirection;
using names::kEvidence;
using names::kFallback;
using names::kFlag;
using names::kLawFlag;
using names::kMeasurement;
using names::kReason;
using names::kRouter;
using names::kSample;
using names::kStage;
using names::kStamp;
using names::kWrite;
using names::kZone;

constexpr FieldRole kNumber = FieldRole::number;
constexpr FieldRole kEnum = FieldRole::enumeration;
constexpr FieldRole kBits = FieldRole::bits;
constexpr FieldRole kPerIndex = FieldRole::per_index;
constexpr FieldRole kReserved = FieldRole::reserved;

// Type, offset and count come from the record itself; only offsetof needs the member's name as
// text.
#define WANCTL_AT(path)                                                     \
    field_type<decltype(CycleRecord::path)>(), offsetof(CycleRecord, path), \
        field_count<decltype(CycleRecord::path)>()

#define WANCTL_DIRECTION(p, base, word)                                                           \
    WANCTL_PART(p, "wanted_bps", DirectionRecord, base, wanted_bps, "bit/s",                      \
                word " rate the law wants"),                                                      \
        WANCTL_PART(p, "held_bps", DirectionRecord, base, held_bps, "bit/s",                      \
                    word " limit the router last confirmed, 0 = none", kNumber, nullptr,          \
                    kUnknownRate),                                                                \
        WANCTL_PART(p, "achieved_bps", DirectionRecord, base, achieved_bps, "bit/s",              \
                    word " rate from the queue's byte counter", kNumber, nullptr, kUnknownRate),  \
        WANCTL_PART(p, "transition_delta_ns", DirectionRecord, base, transition_delta_ns, "ns",   \
                    "RTT delta of the last " word " zone change"),                                \
        WANCTL_PART(p, "transition_threshold_ns", DirectionRecord, base, transition_threshold_ns, \
                    "ns", "threshold of the last " word " zone change"),                          \
        WANCTL_PART(p, "delay_us", DirectionRecord, base, delay_us, "us",                         \
                    "queueing delay attributed to " word, kNumber, nullptr, kUnknownUs),          \
        WANCTL_PART(p, "delay_evidence", DirectionRecord, base, delay_evidence, "",               \
                    "what the " word " delay rests on", kEnum, &kEvidence),                       \
        WANCTL_PART(p, "zone", DirectionRecord, base, zone, "", word " zone", kEnum, &kZone),     \
        WANCTL_PART(p, "transition_reason", DirectionRecord, base, transition_reason, "",         \
                    "why the " word " zone last changed", kEnum, &kReason),                       \
        WANCTL_PART(p, "transition_from", DirectionRecord, base, transition_from, "",             \
                    word " zone before the last change", kEnum, &kZone)

#define WANCTL_QUEUE(p, base, word)                                                    \
    WANCTL_PART(p, "queue_bytes", QueueRecord, base, bytes, "bytes",                   \
                word " queue: bytes since the router counts"),                         \
        WANCTL_PART(p, "queue_packets", QueueRecord, base, packets, "packets",         \
                    word " queue: packets"),                                           \
        WANCTL_PART(p, "queue_dropped", QueueRecord, base, dropped, "packets",         \
                    word " queue: packets dropped"),                                   \
        WANCTL_PART(p, "queue_age_ns", QueueRecord, base, age_ns, "ns",                \
                    word " queue: age of this reading", kNumber, nullptr, kUnknownNs), \
        WANCTL_PART(p, "queued_bytes", QueueRecord, base, queued_bytes, "bytes",       \
                    word " queue: bytes waiting"),                                     \
        WANCTL_PART(p, "queued_packets", QueueRecord, base, queued_packets, "packets", \
                    word " queue: packets waiting")

constexpr std::size_t kDownload = offsetof(CycleRecord, direction);
constexpr std::size_t kUpload = kDownload + sizeof(DirectionRecord);
constexpr std::size_t kDownloadQueue = offsetof(CycleRecord, queue);
constexpr std::size_t kUploadQueue = kDownloadQueue + sizeof(QueueRecord);

constexpr auto kFields = std::to_array<FieldInfo>({
    {"mono_ns", WANCTL_AT(mono_ns), "ns", "CLOCK_MONOTONIC at the slot's close"},
    {"real_ns", WANCTL_AT(real_ns), "ns", "CLOCK_REALTIME at the same moment"},
    {"slot", WANCTL_AT(slot), "", "number of the slot since start, missed ones included"},
    {"missed_slots", WANCTL_AT(missed_slots), "", "slots missed since start"},
    {"interval_ns", WANCTL_AT(interval_ns), "ns", "length of a slot"},
    {"lateness_ns", WANCTL_AT(lateness_ns), "ns", "slot opened this long after its deadline"},
    {"flags", WANCTL_AT(flags), "", "what else is special about this slot", kBits, &kFlag},
    {"measurement", WANCTL_AT(measurement), "", "state of the measurement", kEnum, &kMeasurement},
    {"stamp_source", WANCTL_AT(stamp_source), "", "where the time stamps come from", kEnum,
     &kStamp},
    {"reflectors", WANCTL_AT(reflectors), "", "reflectors configured"},
    {"fresh", WANCTL_AT(fresh), "", "1: rtt_us is of this slot and moved the filters"},
    {"sample_age_ns", WANCTL_AT(sample_age_ns), "ns", "age of the newest reply", kNumber, nullptr,
     kUnknownNs},
    {"load_ns", WANCTL_AT(load_ns), "ns", "short average of the RTT"},
    {"baseline_ns", WANCTL_AT(baseline_ns), "ns", "long average of the idle RTT"},
    {"delta_ns", WANCTL_AT(delta_ns), "ns", "load minus baseline"},
    {"rtt_us", WANCTL_AT(rtt_us), "us", "RTT of this slot, all reflectors", kNumber, nullptr,
     kUnknownUs},
    {"reflector_active", WANCTL_AT(reflector_active), "", "bit i: reflector i is asked"},
    {"reflector_answered", WANCTL_AT(reflector_answered), "", "bit i: reflector i answered"},
    {"reflector_rtt_us", WANCTL_AT(reflector_rtt_us), "us", "last RTT of each reflector", kNumber,
     nullptr, kUnknownUs},
    WANCTL_DIRECTION("dl_", kDownload, "download"),
    WANCTL_DIRECTION("ul_", kUpload, "upload"),
    WANCTL_QUEUE("dl_", kDownloadQueue, "download"),
    WANCTL_QUEUE("ul_", kUploadQueue, "upload"),
    {"router_state", WANCTL_AT(router_state), "", "how the router answers", kEnum, &kRouter},
    {"write_outcome", WANCTL_AT(write_outcome), "", "of the write that ended in this slot", kEnum,
     &kWrite},
    {"write_http_status", WANCTL_AT(write_http_status), "", "of that write, 0 without one"},
    {"write_latency_us", WANCTL_AT(write_latency_us), "us", "of that write"},
    {"write_direction", WANCTL_AT(write_direction), "", "of that write", kEnum, &kDirection},
    {"writes_ended", WANCTL_AT(writes_ended), "", "writes that ended in this slot"},
    {"reserved0", WANCTL_AT(reserved0), "", "zero", kReserved},
    {"lost", WANCTL_AT(lost), "", "echoes declared lost in this slot"},
    {"duplicate", WANCTL_AT(duplicate), "", "duplicate replies in this slot"},
    {"late", WANCTL_AT(late), "", "replies after their timeout in this slot"},
    {"foreign", WANCTL_AT(foreign), "", "replies that were not ours in this slot"},
    {"malformed", WANCTL_AT(malformed), "", "replies that cannot be right in this slot"},
    {"stage_ns", WANCTL_AT(stage_ns), "ns", "duration of each stage of the slot", kPerIndex,
     &kStage},
    {"router_cpu_percent", WANCTL_AT(router_cpu_percent), "%", "the router's processors, together",
     kNumber, nullptr, kUnknownPercent},
    {"statistics_state", WANCTL_AT(statistics_state), "", "how queue readings are answered", kEnum,
     &kRouter},
    {"not_shaping", WANCTL_AT(not_shaping), "", "queues that are disabled or invalid", kBits,
     &kDirection},
    {"reserved1", WANCTL_AT(reserved1), "", "zero", kReserved},
    {"router_flash_sectors", WANCTL_AT(router_flash_sectors), "",
     "flash sectors the router wrote since it started", kNumber, nullptr, kUnknownSectors},
    {"reflector_lying", WANCTL_AT(reflector_lying), "", "bit i: reflector i is left out as a liar"},
    {"sample_source", WANCTL_AT(sample_source), "", "what rtt_us rests on", kEnum, &kSample},
    {"fallback", WANCTL_AT(fallback), "", "what is known while no reflector answers", kEnum,
     &kFallback},
    {"tcp_rtt_us", WANCTL_AT(tcp_rtt_us), "us", "last RTT of TCP connects", kNumber, nullptr,
     kUnknownUs},
    {"tcp_offset_us", WANCTL_AT(tcp_offset_us), "us", "TCP RTT minus echo RTT, as learnt", kNumber,
     nullptr, kUnknownUs},
    {"gateway_rtt_us", WANCTL_AT(gateway_rtt_us), "us", "last RTT of the gateway", kNumber, nullptr,
     kUnknownUs},
    {"reserved2", WANCTL_AT(reserved2), "", "zero", kReserved},
    {"baseline_away_ms", WANCTL_AT(baseline_away_ms), "ms",
     "no RTT came near the baseline for so long"},
    {"baseline_least_us", WANCTL_AT(baseline_least_us), "us",
     "the least RTT of that time, the baseline after baseline_escape_s", kNumber, nullptr,
     kUnknownUs},
    {"baseline_state", WANCTL_AT(baseline_state), "", "what the sample did to the baseline", kEnum,
     &kBaseline},
    {"reserved3", WANCTL_AT(reserved3), "", "zero", kReserved},
    {"law_flags", WANCTL_AT(law_flags), "", "which mends of the law act now", kBits, &kLawFlag},
    {"spike_ms", WANCTL_AT(spike_ms), "ms", "a steep rise has lasted so long, unconfirmed"},
    {"reserved4", WANCTL_AT(reserved4), "", "zero", kReserved},
    {"reserved", WANCTL_AT(reserved), "", "zero", kReserved},
});

#undef WANCTL_QUEUE
#undef WANCTL_DIRECTION
#undef WANCTL_AT

static_assert(covers(kFields, sizeof(CycleRecord)), "a byte of the record is untold or told twice");

}  // namespace

std::span<const FieldInfo> cycle_fields() {
    return kFields;
}

RecordAbi cycle_abi() {
    RecordAbi abi;
    abi.kind = RecordKind::cycle;
    abi.fields = kFields;
    abi.counters = cycle_counters();
    abi.facts = cycle_facts_fields();
    abi.layout_hash = layout_hash(abi.facts, "@", layout_hash(abi.fields));
    abi.description = self_description(abi, Detail::full);
    return abi;
}

}  // namespace wanctl
