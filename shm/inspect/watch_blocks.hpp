// Puts blocks of lines into a window of any height: the important ones first, the rest as far as
// there is room, and what is left over goes to those that can use it.
#pragma once

#include <functional>
#include <vector>

#include "shm/inspect/watch_canvas.hpp"

namespace wanctl::inspect {

struct Block {
    int priority = 0;                  // the smallest is kept longest
    int least = 1;                     // rows without which it is left out
    int good = 1;                      // rows it should have before anything gets more
    int most = 1;                      // rows it can use
    std::function<void(Window)> draw;  // in a window of the rows it got
};

// Draws from the top in the order given.
void draw_blocks(Window window, const std::vector<Block>& blocks);

// Rows of each block, 0 = left out.
[[nodiscard]] std::vector<int> share_rows(int rows, const std::vector<Block>& blocks);

}  // namespace wanctl::inspect
