// `wanctl export`: the rows of a span as they are kept, for a notebook, as one stream.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "common/clock.hpp"
#include "common/exit_code.hpp"
#include "common/history/choice.hpp"
#include "common/history/reader.hpp"
#include "common/history/when.hpp"
#include "shm/inspect/command.hpp"
#include "shm/inspect/history_report.hpp"
#include "shm/inspect/history_store.hpp"
#include "shm/inspect/history_table.hpp"

namespace wanctl::inspect {
namespace {

using namespace history;

struct Options {
    StoreOptions store;
    SpanOptions span;
    std::string metrics;
    std::string format;

    [[nodiscard]] bool all() const {
        return span.last.empty() && span.from.empty() && span.to.empty();
    }
};

// As long as the longest row, so that no row lies in two of them.
constexpr std::int64_t kSegmentMs = kTiers.back().bucket_ms;

// A segment in a read transaction of its own: the writer's -wal cannot be made shorter as long as
// one lasts, and who reads our output may be slow. How many rows there were.
Result<std::int64_t> print_segment(HistoryFile& file, const Span& span, const Columns& columns,
                                   bool csv, Output& output) {
    auto rows = RowCursor::open(file, span, true);
    if (!rows) return tl::unexpected(rows.error());
    std::string line;
    for (std::int64_t count = 0;; ++count) {
        const auto row = rows->next();
        if (!row) return tl::unexpected(row.error());
        if (*row == nullptr) return count;
        if (csv) {
            line.clear();
            columns.append_csv(line, **row);
            output.line(line);
        } else {
            columns.write_json(output.json(), **row);
            output.end_json_line();
        }
    }
}

int print_all(HistoryFile& file, const Span& span, const Columns& columns, bool csv) {
    Output output;
    if (csv) output.line(columns.csv_header());
    std::int64_t count = 0;
    for (std::int64_t from = span.from_ms; from < span.to_ms;) {
        const std::int64_t to = std::min((from / kSegmentMs + 1) * kSegmentMs, span.to_ms);
        const auto printed = print_segment(file, {from, to}, columns, csv, output);
        if (!printed) return report(printed.error());
        count += *printed;
        if (std::ferror(stdout) != 0) break;
        from = to;
    }
    if (count > 0) return tool_exit::kYes;
    fmt::print(stderr, "wanctl: no data of {}\n", span_text(file, span));
    return tool_exit::kInvalid;
}

int run(const Options& options, const Clock& clock) {
    Span asked;
    if (!options.all()) {
        const auto span = asked_span(options.span, clock);
        if (!span) return usage(span.error());
        asked = *span;
    }
    auto file = open_store(options.store);
    if (!file) return file.error();
    const auto choice = parse_choice(file->layout(), options.metrics);
    if (!choice) return usage(choice.error());
    const auto held = extent(*file);
    if (!held) return report(held.error());
    if (!*held) {
        fmt::print(stderr, "wanctl: the history of {} is empty\n", file->wan());
        return tool_exit::kInvalid;
    }
    Span span = **held;
    if (!options.all()) {
        span = {std::max(asked.from_ms, span.from_ms), std::min(asked.to_ms, span.to_ms)};
        // Nothing there is told with the span that was asked for.
        if (span.from_ms >= span.to_ms) span = asked;
    }
    const Columns columns{&file->layout(), *choice, true};
    return after_printing(print_all(*file, span, columns, options.format == "csv"));
}

}  // namespace

std::function<int()> install_export(CLI::App& app, const Clock& clock) {
    const auto options = std::make_shared<Options>();
    app.add_option("--format", options->format, "csv, or jsonl: one JSON object a line")
        ->check(CLI::IsMember({"csv", "jsonl"}))
        ->required();
    add_span_options(app, options->span, "all there is");
    add_store_options(app, options->store);
    app.add_option("--metrics", options->metrics,
                   "only these: wanctl_rtt_ms,wanctl_state ... or rtt,baseline,delta,down,up");
    app.footer(
        "Every row as it is kept: slots (granularity raw), older ones in rows of 1m, 5m, 1h, with\n"
        "their min, max, percentiles and zone shares. Times in UTC, ms, Mbit/s, shares of 1.\n"
        "    pandas.read_csv(file, parse_dates=[\"time\"])\n"
        "    pandas.read_json(file, lines=True)\n"
        "Exit: 0 printed, 2 no file or not readable, or not all could be written, 3 no data,\n"
        "damaged or another's file, 64 usage.");
    return [options, &clock] { return run(*options, clock); };
}

}  // namespace wanctl::inspect
