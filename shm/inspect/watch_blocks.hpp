// Puts blocks of lines into a window of any height: the important ones first, the rest as far as
// there is room, and what is left over goes to those that can use it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "shm/inspect/watch_canvas.hpp"

namespace wanctl::inspect {

// From this priority on a block gets nothing before all others have what is good for them.
inline constexpr int kExtra = 100;

struct Block {
    int priority = 0;                  // the smallest is kept longest
    int least = 1;                     // rows without which it is left out
    int good = 1;                      // rows it should have before anything gets more
    int most = 1;                      // rows it can use
    std::function<void(Window)> draw;  // in a window of the rows it got
};

// Draws from the top in the order given.
void draw_blocks(Window window, const std::vector<Block>& blocks);

// Texts behind a label, wrapped to as many rows as they need in a window of that many columns;
// "..." where it gets less.
[[nodiscard]] Block words_block(int priority, std::string_view label,
                                std::vector<std::string> words, int columns);

// Rows of each block, 0 = left out.
[[nodiscard]] std::vector<int> share_rows(int rows, const std::vector<Block>& blocks);

}  // namespace wanctl::inspect
