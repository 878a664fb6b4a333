// One slot of wanctl-autorate as everybody sees it: the ring's payload, and the source of every
// view.
//
// Plain integers only, fixed offsets, no padding: this is the ABI of the shared-memory ring
// (cycle_fields.hpp is the table that names, types and units every field). Append in `reserved`
// only, and raise the minor version when you do.
#pragma once

#include <cstdint>
#include <limits>

namespace wanctl {

inline constexpr int kMaxReflectors = 16;
inline constexpr int kStages = 16;
inline constexpr std::int32_t kUnknownUs = std::numeric_limits<std::int32_t>::min();
inline constexpr std::int64_t kUnknownNs = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t kUnknownRate = -1;
inline constexpr std::uint8_t kUnknownPercent = std::numeric_limits<std::uint8_t>::max();
inline constexpr std::uint32_t kUnknownSectors = std::numeric_limits<std::uint32_t>::max();

// Stages of a slot, as indices into CycleRecord::stage_ns. Append only.
enum class Stage : std::uint8_t {
    send = 0,      // one echo to each active reflector
    receive = 1,   // reading and matching replies, summed over the slot
    decide = 2,    // WanController::step
    actuate = 3,   // write policy and hand-over to the router client
    publish = 4,   // building the record and storing it in the ring
    slot_cpu = 5,  // thread CPU of the whole slot, all of the above and the loop included
};

struct DirectionRecord {
    std::int64_t wanted_bps = 0;  // what the law wants
    std::int64_t held_bps =
        kUnknownRate;  // what the router last confirmed to hold; 0 no limit, -1 unknown
    std::int64_t achieved_bps = kUnknownRate;  // from the queue's byte counter; -1 unknown
    std::int64_t transition_delta_ns = 0;      // of the last zone change
    std::int64_t transition_threshold_ns = 0;
    std::int32_t delay_us = kUnknownUs;  // queueing delay attributed to this direction
    std::uint8_t delay_evidence = 0;     // DelayEvidence
    std::uint8_t zone = 0;               // Zone
    std::uint8_t transition_reason = 0;  // TransitionReason of the last zone change
    std::uint8_t transition_from = 0;    // Zone before the last zone change
};

struct QueueRecord {
    std::uint64_t bytes = 0;  // cumulative, as the router counts
    std::uint64_t packets = 0;
    std::uint64_t dropped = 0;
    std::int64_t age_ns = kUnknownNs;  // of this reading at publish; unknown before the first
    std::uint32_t queued_bytes = 0;    // saturating
    std::uint32_t queued_packets = 0;
};

struct CycleRecord {
    std::int64_t mono_ns = 0;        // CLOCK_MONOTONIC at the slot's close
    std::int64_t real_ns = 0;        // CLOCK_REALTIME at the same moment, a label
    std::uint64_t slot = 0;          // number of the slot since start, missed ones included
    std::uint64_t missed_slots = 0;  // since start
    std::uint32_t interval_ns = 0;
    std::uint32_t lateness_ns = 0;  // ticker: opened this much after its deadline, saturating
    std::uint32_t flags = 0;        // RecordFlag bits
    std::uint8_t measurement = 0;   // MeasurementState
    std::uint8_t stamp_source = 0;  // StampSource
    std::uint8_t reflectors = 0;    // configured
    std::uint8_t fresh = 0;         // 1: `rtt_us` is of this slot and moved the filters

    std::int64_t sample_age_ns = kUnknownNs;  // of the newest reply at the slot's close
    std::int64_t load_ns = 0;                 // short EWMA of RTT
    std::int64_t baseline_ns = 0;             // long EWMA of idle RTT
    std::int64_t delta_ns = 0;                // load - baseline
    std::int32_t rtt_us = kUnknownUs;         // aggregate of this slot
    std::uint16_t reflector_active = 0;       // bit i: reflector i is asked
    std::uint16_t reflector_answered = 0;     // bit i: reflector i answered in this slot
    // Last known of each, kUnknownUs before the first reply.
    std::int32_t reflector_rtt_us[kMaxReflectors] = {
        kUnknownUs, kUnknownUs, kUnknownUs, kUnknownUs, kUnknownUs, kUnknownUs,
        kUnknownUs, kUnknownUs, kUnknownUs, kUnknownUs, kUnknownUs, kUnknownUs,
        kUnknownUs, kUnknownUs, kUnknownUs, kUnknownUs};

    DirectionRecord direction[2];  // [Direction]
    QueueRecord queue[2];          // [Direction]

    std::uint8_t router_state = 0;        // RouterState
    std::uint8_t write_outcome = 0;       // WriteOutcome of the write that ended in this slot
    std::uint16_t write_http_status = 0;  // of that write; 0 when no status came
    std::uint32_t write_latency_us = 0;   // of that write, saturating
    std::uint8_t write_direction = 0;     // Direction of that write
    std::uint8_t writes_ended = 0;        // in this slot; the fields above tell of the last one
    std::uint16_t reserved0 = 0;
    std::uint32_t lost = 0;                // echoes declared lost in this slot
    std::uint16_t duplicate = 0;           // replies counted and dropped in this slot, saturating
    std::uint16_t late = 0;                // answered after timeout_ms
    std::uint16_t foreign = 0;             // not ours: id, sequence or address
    std::uint16_t malformed = 0;           // truncated, corrupt or with impossible time stamps
    std::uint32_t stage_ns[kStages] = {};  // [Stage], saturating

    std::uint8_t router_cpu_percent = kUnknownPercent;  // of all the router's processors together
    std::uint8_t statistics_state = 0;                  // RouterState of the queue readings
    std::uint8_t not_shaping = 0;  // bit [Direction]: the queue is disabled or invalid
    std::uint8_t reserved1 = 0;
    std::uint32_t router_flash_sectors = kUnknownSectors;  // written since it started, saturating

    std::uint16_t reflector_lying = 0;         // bit i: reflector i is left out as a liar
    std::uint8_t sample_source = 0;            // SampleSource of rtt_us
    std::uint8_t fallback = 0;                 // FallbackState
    std::int32_t tcp_rtt_us = kUnknownUs;      // of the last round of TCP connects, as measured
    std::int32_t tcp_offset_us = kUnknownUs;   // TCP minus echo, as learnt
    std::int32_t gateway_rtt_us = kUnknownUs;  // of the last round
    std::uint8_t reserved2[8] = {};

    // What the mends of the law are about.
    std::uint32_t baseline_away_ms = 0;           // no round trip came near the baseline so long
    std::int32_t baseline_least_us = kUnknownUs;  // the least of them: the baseline to be
    std::uint8_t baseline_state = 0;              // BaselineState
    std::uint8_t reserved3 = 0;
    std::uint16_t law_flags = 0;  // LawFlag bits
    std::uint16_t spike_ms = 0;   // a rise has lasted so long, not confirmed yet; saturating
    std::uint16_t reserved4 = 0;

    std::uint8_t reserved[40] = {};
};

enum RecordFlag : std::uint32_t {
    kFlagStopping = 1U << 0,         // the writer's last record
    kFlagDownloadChanged = 1U << 1,  // the download zone changed in this slot
    kFlagUploadChanged = 1U << 2,
    kFlagWritePending = 1U << 3,  // the router does not hold what the law wants
};

enum LawFlag : std::uint16_t {
    kFlagOutlier = 1U << 0,        // Hampel replaced this slot's round trip
    kFlagSpike = 1U << 1,          // acceleration confirmed: rates were cut in this slot
    kFlagDownloadDwell = 1U << 2,  // above target, GREEN until dwell_s is over
    kFlagUploadDwell = 1U << 3,
    kFlagDownloadDeadband = 1U << 4,  // below target, YELLOW until it leaves deadband_ms
    kFlagUploadDeadband = 1U << 5,
    kFlagSoftRedDecay = 1U << 6,  // SOFT_RED for soft_red_decay_s: the download rate decays
};

}  // namespace wanctl
