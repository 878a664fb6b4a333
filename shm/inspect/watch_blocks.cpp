#include "shm/inspect/watch_blocks.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <span>

#include "shm/inspect/watch_chart.hpp"

namespace wanctl::inspect {

namespace {

struct Sharing {
    const std::vector<Block>& blocks;
    std::vector<int> share;
    int rows;

    void give(std::size_t i, int wanted) {
        const int more = std::clamp(wanted - share[i], 0, rows);
        share[i] += more;
        rows -= more;
    }
    // All or nothing first, then what is good for those that are in.
    void give_in_turn(std::span<const std::size_t> order) {
        for (const std::size_t i : order) {
            if (blocks[i].least <= rows) give(i, blocks[i].least);
        }
        for (const std::size_t i : order) {
            if (share[i] > 0) give(i, blocks[i].good);
        }
    }
    void give_the_rest(std::span<const std::size_t> order) {
        for (bool grown = true; grown && rows > 0;) {
            grown = false;
            for (const std::size_t i : order) {
                if (share[i] == 0 || share[i] >= blocks[i].most || rows == 0) continue;
                give(i, share[i] + 1);
                grown = true;
            }
        }
    }
};

// Calls `place` for each word with the row and column where it goes; returns the rows used.
template <typename Place>
int wrap(const std::vector<std::string>& words, int columns, Place place) {
    int row = 0;
    int column = kLabelColumns;
    for (const std::string& word : words) {
        if (column > kLabelColumns && column + static_cast<int>(word.size()) > columns) {
            ++row;
            column = kLabelColumns;
        }
        place(row, column, word);
        column += static_cast<int>(word.size()) + 2;
    }
    return row + 1;
}

void draw_words(Window window, const std::string& label, const std::vector<std::string>& words) {
    put_label(window, 0, label);
    const int used = wrap(words, window.columns(), [&](int row, int column, const auto& word) {
        window.put(row, column, word);
    });
    if (used > window.rows()) {
        window.put(window.rows() - 1, window.columns() - 4, " ...", kStrong);
    }
}

}  // namespace

std::vector<int> share_rows(int rows, const std::vector<Block>& blocks) {
    std::vector<std::size_t> order(blocks.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return blocks[i].priority; });
    const auto usual = static_cast<std::size_t>(
        std::ranges::count_if(blocks, [](const Block& each) { return each.priority < kExtra; }));
    const std::span<const std::size_t> all(order);
    Sharing sharing{blocks, std::vector<int>(blocks.size(), 0), rows};
    sharing.give_in_turn(all.first(usual));
    sharing.give_in_turn(all.subspan(usual));
    sharing.give_the_rest(order);
    return sharing.share;
}

Block words_block(int priority, std::string_view label, std::vector<std::string> words,
                  int columns) {
    const int rows = wrap(words, columns, [](int, int, const std::string&) {});
    return {priority, 1, rows, rows,
            [label = std::string(label), words = std::move(words)](Window window) {
                draw_words(window, label, words);
            }};
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
