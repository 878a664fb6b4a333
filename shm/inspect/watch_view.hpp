// The whole screen of the live view: a title, one line for each segment, panels, the keys.
#pragma once

#include "shm/inspect/watch_canvas.hpp"
#include "shm/inspect/watch_model.hpp"

namespace wanctl::inspect {

struct ScreenSize {
    int rows = 0;
    int columns = 0;

    bool operator==(const ScreenSize&) const = default;
};

// Below this, one line a segment is all that is shown.
inline constexpr ScreenSize kLeastScreen{16, 60};

// Pure: the same model, choice, size and glyphs give the same cells.
[[nodiscard]] Canvas render(const WatchModel& model, const WatchChoice& choice, ScreenSize size,
                            const Glyphs& glyphs);

}  // namespace wanctl::inspect
