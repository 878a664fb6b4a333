// What one slot of the probe yields: the RTT sample, who answered, and what was dropped.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "common/record/cycle_record.hpp"
#include "common/record/states.hpp"
#include "common/units.hpp"

namespace wanctl::probe {

// Made at the slot's close. Counts are of this slot and saturate.
struct SlotResult {
    std::uint64_t slot = 0;
    MeasurementState state = MeasurementState::none;
    // Median over the reflectors that answered since the previous close, each with its newest
    // reply. Absent: nothing arrived, nothing may move. A reply is in exactly one slot's sample.
    std::optional<Nanos> rtt;
    SampleSource source = SampleSource::reply;  // what it rests on
    // Since the newest reply of any slot arrived; absent before the first.
    std::optional<Nanos> sample_age;
    // The worst one in this sample; without a sample that of the last one.
    StampSource stamp_source = StampSource::kernel;
    std::uint16_t active = 0;    // bit i: reflector i is asked
    std::uint16_t answered = 0;  // bit i: reflector i is in this slot's sample
    std::uint16_t lying = 0;     // bit i: reflector i is left out, see reflector_vote.hpp
    std::array<std::int32_t, kMaxReflectors> reflector_rtt_us{};  // last of each; kUnknownUs before
    FallbackState fallback = FallbackState::off;
    std::int32_t tcp_rtt_us = kUnknownUs;  // of the last round of checks, see fallback.hpp
    std::int32_t tcp_offset_us = kUnknownUs;
    std::int32_t gateway_rtt_us = kUnknownUs;
    std::uint32_t lost = 0;       // echoes without a reply within the timeout
    std::uint16_t duplicate = 0;  // a second reply to the same echo
    std::uint16_t late = 0;       // a reply after the timeout
    std::uint16_t foreign = 0;    // not to an echo of ours, or from somebody else
    std::uint16_t malformed = 0;  // truncated, corrupt, or with impossible time stamps
    Nanos send_work{};            // spent in sending this slot's echoes
    Nanos receive_work{};         // spent in reading and matching since the previous close

    [[nodiscard]] bool fresh() const { return rtt.has_value(); }
};

}  // namespace wanctl::probe
