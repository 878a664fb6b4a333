// One segment's panel of the live view.
#pragma once

#include "shm/inspect/watch_canvas.hpp"
#include "shm/inspect/watch_model.hpp"

namespace wanctl::inspect {

struct PanelLook {
    Nanos span{};
    const Glyphs& glyphs;
    bool selected = false;
};

// Fills the window; lines that find no room are left out, the least important first.
void draw_panel(Window window, const WatchedSegment& segment, const PanelLook& look);

// "live", "DEAD" ...: what is not well is in capitals.
[[nodiscard]] std::string health_word(const WatchedSegment& segment);
[[nodiscard]] Style health_style(const WatchedSegment& segment);
// Like duration_text(), but steady to look at: whole milliseconds below a second.
[[nodiscard]] std::string age_text(Nanos age);
// One sentence when something is wrong with the segment or its writer; else empty.
[[nodiscard]] std::string health_text(const WatchedSegment& segment);

}  // namespace wanctl::inspect
