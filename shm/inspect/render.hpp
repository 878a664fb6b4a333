// A record's fields as words for the operator and as CSV: both from the record's
// field table.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "common/record/fields.hpp"
#include "common/record/record_json.hpp"
#include "common/units.hpp"

namespace wanctl::inspect {

// "12.3 ms", "1.50 s", "3 min 20 s".
[[nodiscard]] std::string duration_text(Nanos duration);
// "902.4 Mbit/s".
[[nodiscard]] std::string rate_text(std::int64_t bps);
// A limit the router holds: 0 is none.
[[nodiscard]] std::string held_text(std::int64_t bps);
// Local time with milliseconds, "14:03:21.250", or with its date.
[[nodiscard]] std::string time_text(Nanos since_epoch, bool with_date);

// One element in its unit's best form; "-" when unknown.
[[nodiscard]] std::string value_text(const FieldInfo& field, const std::byte* record,
                                     std::uint32_t index);
// The whole field: arrays without their unknown or unnamed tail.
[[nodiscard]] std::string field_text(const FieldInfo& field, const std::byte* record);

[[nodiscard]] std::string csv_header(std::span<const FieldInfo> fields);
[[nodiscard]] std::string csv_line(std::span<const FieldInfo> fields, const std::byte* record);

}  // namespace wanctl::inspect
