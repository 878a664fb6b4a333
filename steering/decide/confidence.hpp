// How sure it is that the primary is congested: 0 to 100, with the parts it is made of. Pure.
#pragma once

#include <array>
#include <cstdint>

#include "common/record/steering_record.hpp"
#include "steering/decide/line_signals.hpp"

namespace wanctl::steering {

struct Score {
    int value = 0;                                        // the sum, at most 100
    std::uint32_t contributors = 0;                       // bit i: Contributor i
    std::array<std::uint8_t, kMaxContributors> points{};  // [Contributor]
};

// `soft_red_sustained`: the last three assessments were SOFT_RED.
[[nodiscard]] Score score_of(const LineView& line, Assessment assessment, bool soft_red_sustained);

// Nothing speaks of congestion any more: score at most `recover`, GREEN, no delta to speak of, no
// drops, the line's own zone GREEN. Drops or a zone that are not known do not stand in the way.
[[nodiscard]] bool is_well(const LineView& line, Assessment assessment, const Score& score,
                           int recover);

}  // namespace wanctl::steering
