#include "shm/inspect/watch_canvas.hpp"

#include <algorithm>

namespace wanctl::inspect {
namespace {

constexpr Glyphs kBlocks{
    {U' ', U'\u2581', U'\u2582', U'\u2583', U'\u2584', U'\u2585', U'\u2586', U'\u2587', U'\u2588'},
    U'\u2588',
    U'\u2591',
    U'\u2500'};
constexpr Glyphs kAscii{{U' ', U'_', U'.', U',', U'-', U'=', U'+', U'*', U'#'}, U'#', U'.', U'-'};

}  // namespace

void append_utf8(std::string& out, char32_t glyph) {
    const auto byte = [&out](char32_t bits) { out += static_cast<char>(bits); };
    if (glyph < 0x80) {
        byte(glyph);
    } else if (glyph < 0x800) {
        byte(0xc0U | (glyph >> 6U));
        byte(0x80U | (glyph & 0x3fU));
    } else {
        byte(0xe0U | (glyph >> 12U));
        byte(0x80U | ((glyph >> 6U) & 0x3fU));
        byte(0x80U | (glyph & 0x3fU));
    }
}

const Glyphs& block_glyphs() {
    return kBlocks;
}
const Glyphs& ascii_glyphs() {
    return kAscii;
}

Canvas::Canvas(int rows, int columns)
    : rows_(std::max(rows, 0)),
      columns_(std::max(columns, 0)),
      cells_(static_cast<std::size_t>(rows_) * static_cast<std::size_t>(columns_)) {}

std::string Canvas::row_text(int row) const {
    std::string line;
    for (int column = 0; column < columns_; ++column) append_utf8(line, at(row, column).glyph);
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

std::string Canvas::text() const {
    std::string lines;
    for (int row = 0; row < rows_; ++row) lines += row_text(row) + '\n';
    return lines;
}

Window::Window(Canvas& canvas)
    : canvas_(&canvas), rows_(canvas.rows()), columns_(canvas.columns()) {}

Window Window::part(int row, int column, int rows, int columns) const {
    Window window(*this);
    const int down = std::clamp(row, 0, rows_);
    const int right = std::clamp(column, 0, columns_);
    window.top_ = top_ + down;
    window.left_ = left_ + right;
    window.rows_ = std::clamp(rows, 0, rows_ - down);
    window.columns_ = std::clamp(columns, 0, columns_ - right);
    return window;
}

int Window::put(int row, int column, std::string_view text, Style style) {
    for (const char c : text) {
        const bool shown = c >= 0x20 && c < 0x7f;
        put(row, column++, static_cast<char32_t>(shown ? c : '?'), style);
    }
    return column;
}

void Window::put(int row, int column, char32_t glyph, Style style) {
    if (row < 0 || row >= rows_ || column < 0 || column >= columns_) return;
    canvas_->at(top_ + row, left_ + column) = Cell{glyph, style};
}

void Window::fill(int row, int column, char32_t glyph, Style style) {
    for (; column < columns_; ++column) put(row, column, glyph, style);
}

}  // namespace wanctl::inspect
