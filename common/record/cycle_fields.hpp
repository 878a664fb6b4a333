// The one table that names, types, places and units every field of CycleRecord.
#pragma once

#include <span>

#include "common/record/cycle_record.hpp"
#include "common/record/fields.hpp"
#include "common/record/record_abi.hpp"

namespace wanctl {

// In the order of the record's bytes, every byte covered exactly once (checked at compile time).
[[nodiscard]] std::span<const FieldInfo> cycle_fields();

// Table, counters, hash and self-description for SegmentWriter and SegmentReader.
[[nodiscard]] RecordAbi cycle_abi();

}  // namespace wanctl
