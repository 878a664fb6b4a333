// What /metrics/history is asked for, and the answer out of the history's files.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "common/history/choice.hpp"
#include "common/history/when.hpp"
#include "common/http/request.hpp"

namespace wanctl::http {

// A line that keeps a history, and its file.
struct HistoryLine {
    std::string wan;  // or "steering"
    std::string path;
};

struct HistoryQuery {
    static constexpr std::int64_t kMostEntries = 10'000;
    static constexpr std::int64_t kEntries = 1'000;
    // What is skipped is read nevertheless.
    static constexpr std::int64_t kMostSkipped = 1'000'000;

    history::Span span;
    history::MetricChoice metrics;
    std::string wan;  // empty: all
    std::int64_t limit = kEntries;
    std::int64_t offset = 0;
};

// range, from, to, metrics, wan, limit and offset out of the query. Errors: invalid_input, with
// what is allowed.
[[nodiscard]] Result<HistoryQuery> parse_history_query(const Request& request,
                                                       const history::Layout& layout,
                                                       std::int64_t now_ms);

// {"data": [{"timestamp", "wan_name", "metric_name", "value", "labels", "granularity"}],
// "metadata": {"from", "to", "limit", "offset", "returned_count", "more"}}: the entries of all
// `lines`, oldest first. 503 with the reason when a file cannot be read. Takes milliseconds and
// waits for files: not for the loop.
[[nodiscard]] Answer history_answer(const std::vector<HistoryLine>& lines,
                                    const history::Layout& layout, const HistoryQuery& query);

}  // namespace wanctl::http
