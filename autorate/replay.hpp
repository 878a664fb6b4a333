// `wanctl-autorate replay`: a recorded series of RTTs through the law, a decision per line.
#pragma once

#include <iosfwd>

#include "common/config/autorate_config.hpp"
#include "common/error.hpp"

namespace wanctl::autorate {

// Reads JSON lines {"t": seconds, "rtt_ms": number or null} and writes one JSON line for each:
// i, t, rtt_ms, load_rtt_ms, baseline_rtt_ms, delta_ms, dl_zone, dl_rate_bps, ul_zone, ul_rate_bps
// and, when a zone changed, `transition` with the sides that did. Every row is one interval; `t`
// only labels it; null is a slot without an answer. Empty lines are passed over.
//
// The first line that is no such row ends the replay with invalid_input, "line N: ...": what came
// before it has been written.
Result<void> replay(const AutorateConfig& config, std::istream& input, std::ostream& output);

}  // namespace wanctl::autorate
