// Is a record believable? For readers of shared memory: copy first, then ask this about the copy.
#pragma once

#include <span>
#include <string>

#include "common/record/cycle_fields.hpp"
#include "common/record/cycle_record.hpp"
#include "common/units.hpp"

namespace wanctl {

// No line in this world is faster; a higher figure is damage.
inline constexpr std::int64_t kBelievableBps = 1'000'000'000'000;
// A record's time may be this much ahead of its reader's.
inline constexpr Nanos kClockSlack = std::chrono::seconds(1);

// The first thing wrong with the record, as text for the operator; empty when it is believable.
// Looks at ranges of enumerations, times against `now` (CLOCK_MONOTONIC of the same boot) and
// rates. `fields` of a newer minor version may know more words than this program.
[[nodiscard]] std::string first_fault(const CycleRecord& record, SteadyTime now,
                                      std::span<const FieldInfo> fields = cycle_fields());

}  // namespace wanctl
