#include "shm/inspect/watch_blocks.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>

namespace wanctl::inspect {

std::vector<int> share_rows(int rows, const std::vector<Block>& blocks) {
    std::vector<std::size_t> order(blocks.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return blocks[i].priority; });
    std::vector<int> share(blocks.size(), 0);
    for (const std::size_t i : order) {
        if (blocks[i].least > rows) continue;
        share[i] = blocks[i].least;
        rows -= blocks[i].least;
    }
    for (const std::size_t i : order) {
        if (share[i] == 0) continue;
        const int more = std::clamp(blocks[i].good - share[i], 0, rows);
        share[i] += more;
        rows -= more;
    }
    for (bool grown = true; grown && rows > 0;) {
        grown = false;
        for (const std::size_t i : order) {
            if (share[i] == 0 || share[i] >= blocks[i].most || rows == 0) continue;
            ++share[i];
            --rows;
            grown = true;
        }
    }
    return share;
}

void draw_blocks(Window window, const std::vector<Block>& blocks) {
    const std::vector<int> share = share_rows(window.rows(), blocks);
    int row = 0;
    for (std::size_t i = 0; i < blocks.size(); ++i) {
        if (share[i] == 0) continue;
        blocks[i].draw(window.part(row, 0, share[i], window.columns()));
        row += share[i];
    }
}

}  // namespace wanctl::inspect
