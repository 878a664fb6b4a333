// A history's entries as its view `metrics` has them (schema.hpp), oldest first, out of the tables,
// which find a span at once where the view would look at all rows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.hpp"
#include "common/history/choice.hpp"
#include "common/history/history_file.hpp"
#include "common/history/reader.hpp"
#include "common/history/sqlite.hpp"
#include "common/history/when.hpp"

namespace wanctl::history {

struct MetricEntry {
    std::int64_t at_ms = 0;
    std::string_view metric;
    std::optional<double> value;  // nothing: not known
    std::string_view labels;      // JSON; empty: none
    std::string_view granularity;
};

// The entries of a span as they were at one moment, always in the same order: of those of one
// moment a row's in the order of the layout, then the transitions.
class MetricCursor {
  public:
    // One at a time a file, which must outlive it.
    [[nodiscard]] static Result<MetricCursor> open(HistoryFile& file, const Span& span,
                                                   const MetricChoice& choice);

    // The next entry, until the one after it is asked for; nullptr at the end.
    [[nodiscard]] Result<const MetricEntry*> next();

  private:
    struct Column {
        bool is_axis = false;
        std::size_t index = 0;
    };
    struct Transition {
        std::int64_t at_ms = 0;
        std::string metric;
        std::int64_t value = 0;
        std::string labels;
        std::string granularity;
    };

    MetricCursor(const Layout& layout, const MetricChoice& choice);
    [[nodiscard]] Result<void> next_row();
    [[nodiscard]] Result<void> next_transition();
    void tell_column(const Column& column);
    [[nodiscard]] Result<void> tell_transition();

    const Layout* layout_;
    const HistoryFile* file_ = nullptr;
    std::vector<Column> columns_;  // the entries of a row
    bool begun_ = false;
    std::optional<RowCursor> rows_;
    const Bucket* row_ = nullptr;
    std::size_t place_ = 0;  // in the row
    std::string granularity_;
    // Behind the rows, in whose read transaction it is.
    std::optional<Statement> transitions_;
    std::optional<Transition> upcoming_;
    Transition told_;
    MetricEntry entry_;
};

}  // namespace wanctl::history
