// A grid of cells that the live view is drawn on: pure, so that what the operator sees can be
// tested without a terminal.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wanctl::inspect {

enum class Hue : std::uint8_t { plain, green, yellow, orange, red, cyan, grey };

struct Style {
    Hue hue = Hue::plain;
    bool bold = false;
    bool reverse = false;

    bool operator==(const Style&) const = default;
};

struct Cell {
    char32_t glyph = U' ';
    Style style;

    bool operator==(const Cell&) const = default;
};

// What charts, bars and rules are made of; every glyph is one column wide.
struct Glyphs {
    static constexpr int kLevels = 8;  // above empty

    std::array<char32_t, kLevels + 1> level;
    char32_t full;
    char32_t rest;  // of a bar
    char32_t rule;
};

// Block elements, and the same in ASCII for terminals that have none.
[[nodiscard]] const Glyphs& block_glyphs();
[[nodiscard]] const Glyphs& ascii_glyphs();

// One character of UTF-8.
void append_utf8(std::string& out, char32_t glyph);

class Canvas {
  public:
    Canvas(int rows, int columns);

    [[nodiscard]] int rows() const { return rows_; }
    [[nodiscard]] int columns() const { return columns_; }
    [[nodiscard]] const Cell& at(int row, int column) const { return cells_[index(row, column)]; }
    [[nodiscard]] Cell& at(int row, int column) { return cells_[index(row, column)]; }
    // One row in UTF-8, without the blanks at its end.
    [[nodiscard]] std::string row_text(int row) const;
    // All rows, each with a line feed.
    [[nodiscard]] std::string text() const;

  private:
    [[nodiscard]] std::size_t index(int row, int column) const {
        return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns_) +
               static_cast<std::size_t>(column);
    }

    int rows_;
    int columns_;
    std::vector<Cell> cells_;
};

// A rectangle of a canvas with coordinates of its own. What does not fit is cut off.
class Window {
  public:
    explicit Window(Canvas& canvas);

    [[nodiscard]] int rows() const { return rows_; }
    [[nodiscard]] int columns() const { return columns_; }
    // The part that begins at (row, column), of at most that size.
    [[nodiscard]] Window part(int row, int column, int rows, int columns) const;

    // Returns the column after it. The text is shown as ASCII: any other byte as '?', since names
    // from foreign memory must not move the cursor.
    int put(int row, int column, std::string_view text, Style style = {});
    void put(int row, int column, char32_t glyph, Style style = {});
    // The same glyph from `column` to the right edge.
    void fill(int row, int column, char32_t glyph, Style style = {});

  private:
    Canvas* canvas_;
    int top_ = 0;
    int left_ = 0;
    int rows_;
    int columns_;
};

}  // namespace wanctl::inspect
