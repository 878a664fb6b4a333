// The history's database: its tables, and how a file comes to have them.
//
// Times are UTC milliseconds, durations microseconds, rates bit/s, NULL is "not known".
//   cycles       one row a slot: id (order of recording), at_ms, slot, rtt_us (NULL without a
//                sample), baseline_us, delta_us, down_bps and up_bps (what the law wants), zones
//                (download's Zone + 4 * upload's)
//   transitions  one row a zone change: cycle (its id in cycles), at_ms, direction, zone_from,
//                zone_to, delta_us, threshold_us, reason (text)
//   events       what happened besides: at_ms, kind, detail (JSON)
//   metrics      a view of the six columns timestamp (seconds), wan_name, metric_name, value,
//                labels, granularity: six rows a slot, and one a transition with its reason
//   facts        name and value: "wan" is the line's name
#pragma once

#include <string_view>

#include "common/error.hpp"

struct sqlite3;

namespace wanctl::history {

inline constexpr int kSchemaVersion = 1;
inline constexpr int kApplicationId = 0x77616e63;  // "wanc"

// Gives a new file its tables and leaves a file of this version as it is. Errors: invalid_input for
// another program's file, unsupported for a newer version's, else what SQLite says. The connection
// is the caller's, without an open transaction.
[[nodiscard]] Result<void> prepare_schema(sqlite3* database, std::string_view wan);

}  // namespace wanctl::history
