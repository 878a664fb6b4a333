// What readers of a WAN's segment want to know besides its records, and what changes only with the
// configuration: names, bounds, thresholds, reflectors. Lies in the segment's two fact copies; no
// secret ever does.
//
// Plain integers and NUL-padded texts, fixed offsets: part of the ABI like the record. Append in
// `reserved` only.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "common/record/cycle_record.hpp"
#include "common/record/fields.hpp"

namespace wanctl {

inline constexpr int kFactNameBytes = 64;
inline constexpr int kReflectorBytes = 48;

struct CycleFacts {
    std::int64_t real_ns = 0;                 // CLOCK_REALTIME when these facts were written
    std::int64_t ceiling_bps[2] = {};         // [Direction]
    std::int64_t download_floor_bps[4] = {};  // [Zone]
    std::int64_t upload_floor_bps[4] = {};    // [Zone]
    std::int64_t target_ns = 0;               // thresholds of the RTT delta
    std::int64_t warn_ns = 0;
    std::int64_t hard_red_ns = 0;
    std::int64_t baseline_initial_ns = 0;
    std::int64_t baseline_min_ns = 0;
    std::int64_t baseline_max_ns = 0;
    char router[96] = {};                // scheme://host[:port], never a user
    char queue[2][kFactNameBytes] = {};  // [Direction], names on the router
    char interface[32] = {};             // the echoes' interface; empty = by route
    char reflector[kMaxReflectors][kReflectorBytes] = {};  // as CycleRecord::reflector_* index them

    std::uint8_t reserved[112] = {};
};

// In the order of the bytes, every byte covered exactly once (checked at compile time).
[[nodiscard]] std::span<const FieldInfo> cycle_facts_fields();

// Copies what fits and leaves at least one NUL behind it.
void put_fact(std::span<char> place, std::string_view text);
// The text up to its NUL, or all of the place.
[[nodiscard]] std::string_view fact_text(std::span<const char> place);

}  // namespace wanctl
