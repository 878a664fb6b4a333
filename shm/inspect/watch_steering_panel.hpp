// What the live view's panel of steering holds below its title.
#pragma once

#include <vector>

#include "shm/inspect/watch_blocks.hpp"
#include "shm/inspect/watch_panel.hpp"

namespace wanctl::inspect {

// Blocks for a window of that many columns. They refer to `segment`, which must have a newest
// steering record, and to `look.glyphs`.
[[nodiscard]] std::vector<Block> steering_blocks(const WatchedSegment& segment,
                                                 const PanelLook& look, int columns);

// Colour for what is good or not.
[[nodiscard]] Style steering_style(std::uint8_t state);

}  // namespace wanctl::inspect
