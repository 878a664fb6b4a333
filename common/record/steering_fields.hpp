// The one table that names, types, places and units every field of SteeringRecord.
#pragma once

#include <span>

#include "common/record/fields.hpp"
#include "common/record/record_abi.hpp"
#include "common/record/steering_record.hpp"

namespace wanctl {

// In the order of the record's bytes, every byte covered exactly once (checked at compile time).
[[nodiscard]] std::span<const FieldInfo> steering_fields();

// Table, counters, hash and self-description for SegmentWriter and SegmentReader.
[[nodiscard]] RecordAbi steering_abi();

}  // namespace wanctl
