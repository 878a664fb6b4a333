#include "shm/inspect/watch_blocks.hpp"

#include <numeric>

#include "tests/support/catch.hpp"

using namespace wanctl::inspect;

namespace {

Block block(int priority, int least, int good, int most) {
    return {priority, least, good, most, [](Window) {}};
}

}  // namespace

TEST_CASE("Blocks without room are left out, the least important first") {
    const std::vector<Block> blocks{block(2, 1, 1, 1), block(0, 2, 2, 2), block(1, 2, 2, 2)};
    CHECK(share_rows(0, blocks) == std::vector{0, 0, 0});
    CHECK(share_rows(1, blocks) == std::vector{1, 0, 0});
    CHECK(share_rows(2, blocks) == std::vector{0, 2, 0});
    CHECK(share_rows(3, blocks) == std::vector{1, 2, 0});
    CHECK(share_rows(4, blocks) == std::vector{0, 2, 2});
    CHECK(share_rows(5, blocks) == std::vector{1, 2, 2});
    CHECK(share_rows(50, blocks) == std::vector{1, 2, 2});
}

TEST_CASE("Room beyond the least goes to what is good for each, then to those that can use it") {
    const std::vector<Block> blocks{block(0, 1, 2, 9), block(1, 1, 3, 3)};
    CHECK(share_rows(2, blocks) == std::vector{1, 1});
    CHECK(share_rows(4, blocks) == std::vector{2, 2});
    CHECK(share_rows(6, blocks) == std::vector{3, 3});
    CHECK(share_rows(9, blocks) == std::vector{6, 3});
    CHECK(share_rows(40, blocks) == std::vector{9, 3});
}

TEST_CASE("Extras get nothing before the others have what is good for them") {
    const std::vector<Block> blocks{block(0, 1, 4, 9), block(kExtra, 1, 2, 2)};
    CHECK(share_rows(4, blocks) == std::vector{4, 0});
    CHECK(share_rows(5, blocks) == std::vector{4, 1});
    CHECK(share_rows(6, blocks) == std::vector{4, 2});
    CHECK(share_rows(8, blocks) == std::vector{6, 2});
}

TEST_CASE("Words wrap between words, and say where they end early") {
    const Block words = words_block(0, "label", {"first", "second", "third"}, 27);
    CHECK(words.good == 2);
    Canvas whole(2, 27);
    words.draw(Window(whole));
    CHECK(whole.text() == "label      first  second\n           third\n");
    Canvas cut(1, 27);
    words.draw(Window(cut));
    CHECK(cut.text() == "label      first  secon ...\n");
}

TEST_CASE("A window cuts off what does not fit, and bytes that could move the cursor") {
    Canvas canvas(3, 10);
    Window window = Window(canvas).part(1, 4, 5, 50);
    CHECK(window.rows() == 2);
    CHECK(window.columns() == 6);
    window.put(0, 0, "0123456789");
    window.put(1, 1, "a\x1b[2J\xc3\xa4");
    window.put(2, 0, "below");
    window.put(0, -1, "left");
    CHECK(canvas.text() == "\n    eft345\n     a?[2J\n");
}
