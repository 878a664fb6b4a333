// `wanctl-autorate replay`: a recorded series of RTTs through the law, a decision per line.
#pragma once

#include <iosfwd>
#include <string>

#include "common/config/autorate_config.hpp"
#include "common/error.hpp"

namespace wanctl::autorate {

// Reads JSON lines {"t": seconds, "rtt_ms": number or null} from the file (standard input for "-")
// and writes one JSON line for each to standard output: i, t, rtt_ms, load_rtt_ms,
// baseline_rtt_ms, delta_ms, dl_zone, dl_rate_bps, ul_zone, ul_rate_bps and, when a zone changed,
// `transition` with the sides that did. Every row is one interval; `t` only labels it; null is a
// slot without an answer. Empty lines are passed over.
//
// The exit code: 65 for an input that cannot be read, or at the first line that is no such row,
// told as "line N: ..." on standard error; what came before it has been written.
[[nodiscard]] int replay_file(const AutorateConfig& config, const std::string& path);

// The same between streams: invalid_input where the exit code would be 65.
[[nodiscard]] Result<void> replay(const AutorateConfig& config, std::istream& input,
                                  std::ostream& output);

}  // namespace wanctl::autorate
