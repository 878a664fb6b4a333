// What the live view's panel of a WAN holds below its title.
#pragma once

#include <vector>

#include "shm/inspect/watch_blocks.hpp"
#include "shm/inspect/watch_panel.hpp"

namespace wanctl::inspect {

// Blocks for a window of that many columns. They refer to `segment`, which must have a newest
// record, and to `look.glyphs`.
[[nodiscard]] std::vector<Block> cycle_blocks(const WatchedSegment& segment, const PanelLook& look,
                                              int columns);

// "GREEN 902.4M", for the line in the overview.
[[nodiscard]] std::string short_rate(std::int64_t bps);
// "21.5", in ms; "-" when unknown.
[[nodiscard]] std::string ms_text(std::int32_t us);

}  // namespace wanctl::inspect
