// `wanctl-steering replay`: recorded signals through the decider, a decision per line.
#pragma once

#include <string>

#include "common/config/steering_config.hpp"

namespace wanctl::steering {

// Reads JSON lines {"t": s, "zone": "RED", "delta_ms": 100.0, "drops": 1, "queue": 60} from the
// file (standard input for "-") and writes one JSON line for each to standard output: i, t, assess,
// score, state, action, reason.
//
// In:  `zone` is the congestion state under the confidence policy; under the three-state policy it
//      is made from the other figures and may be absent. `wan_zone` is the line's own zone; absent
//      adds nothing. `delta_ms`, `drops` and `queue` may be null: not known at that row.
//      `alternate` is absent or null (no ring), a zone, "BLACKOUT" or "SILENT", or an object with
//      `zone`, `delta_ms` and `measurement`. `measurement` (fresh, none, blind, blackout) tells of
//      the primary. `t` grows; the first step between rows is the interval, until a shorter one
//      comes.
// Out: state GOOD or DEGRADED, action ENABLE, DISABLE or null, score null under three-state; reason
//      is the stable code and the sentence with its numbers. Under dry_run nothing would be done:
//      action is null, and the reason begins "would ENABLE: " or "would DISABLE: ".
//
// The exit code: 65 for an input that cannot be read, or at the first line that is no such row,
// told as "line N: ..." on standard error; what came before it has been written.
[[nodiscard]] int replay_file(const SteeringConfig& config, const std::string& path);

}  // namespace wanctl::steering
