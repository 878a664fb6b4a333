// A span as charts: RTT over the baseline and the rates, a letter and a colour for the zone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/history/choice.hpp"
#include "common/history/reader.hpp"
#include "shm/inspect/watch_canvas.hpp"

namespace wanctl::inspect {

class HistoryPlot {
  public:
    // As wide as `columns`, with at least 40.
    HistoryPlot(const history::Layout& layout, const history::Choice& choice,
                const history::Span& span, int columns);

    // Rows in any order. One that is longer than a column's time counts for all that it covers.
    void add(const history::Bucket& bucket);
    [[nodiscard]] Canvas draw(const Glyphs& glyphs) const;

  private:
    // A chart or a row of letters.
    struct Part {
        bool chart = false;
        std::size_t index = 0;  // [quantities] or [axes]
    };

    [[nodiscard]] std::vector<Part> parts() const;
    void draw_quantity(Window window, std::size_t quantity, const Glyphs& glyphs) const;
    void draw_zones(Window window, std::size_t axis) const;
    void draw_times(Window window) const;
    // The worst zone that lasted for a tenth of the column's time.
    [[nodiscard]] std::optional<std::size_t> zone_of(const history::Bucket& column,
                                                     std::size_t axis) const;
    [[nodiscard]] Style style_of(const history::Bucket& column, std::size_t quantity) const;

    const history::Layout& layout_;
    history::Choice choice_;
    history::Span span_;
    int width_;
    std::vector<history::Bucket> columns_;
};

// The picture as lines; in colour with ANSI's control sequences.
[[nodiscard]] std::string picture_text(const Canvas& canvas, bool colour);

}  // namespace wanctl::inspect
