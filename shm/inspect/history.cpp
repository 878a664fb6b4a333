// `wanctl history`: what a daemon kept of a span of time, as a table, a summary, a chart, or for
// programs.
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include "common/clock.hpp"
#include "common/exit_code.hpp"
#include "common/history/choice.hpp"
#include "common/history/happenings.hpp"
#include "common/history/reader.hpp"
#include "common/history/summary.hpp"
#include "common/history/when.hpp"
#include "shm/inspect/command.hpp"
#include "shm/inspect/history_plot.hpp"
#include "shm/inspect/history_report.hpp"
#include "shm/inspect/history_store.hpp"
#include "shm/inspect/history_table.hpp"
#include "shm/inspect/terminal_output.hpp"

namespace wanctl::inspect {
namespace {

using namespace history;

struct Options {
    StoreOptions store;
    SpanOptions span{"1h", {}, {}};
    std::string metrics;
    std::string step = "auto";
    bool summary = false;
    bool events = false;
    bool transitions = false;
    bool plot = false;
    bool no_colour = false;
    bool ascii = false;
    bool json = false;
    bool csv = false;

    [[nodiscard]] Form form() const { return json ? Form::json : csv ? Form::csv : Form::text; }
};

struct Query {
    HistoryFile& file;
    Span span;
    Choice choice;
    std::int64_t step_ms = 0;
    Form form = Form::text;
};

// What the store holds instead.
int no_data(const Query& query) {
    const auto held = extent(query.file);
    if (!held) return report(held.error());
    fmt::print(stderr, "wanctl: no data of {}; {}\n", span_text(query.file, query.span),
               *held ? fmt::format("the history holds {} to {}", local_text((*held)->from_ms),
                                   local_text((*held)->to_ms))
                     : "the history is empty");
    return tool_exit::kInvalid;
}

int print_rows(const Query& query, Output& output) {
    auto rows = RowCursor::open(query.file, query.span);
    if (!rows) return output.cut_off(report(rows.error()));
    StepCursor steps(std::move(*rows), query.step_ms);
    const Columns columns{&query.file.layout(), query.choice};
    const RowTable table(query.file.layout(), query.choice, query.step_ms);
    if (query.form == Form::json) {
        key(output.json(), "rows");
        output.json().StartArray();
    }
    std::int64_t count = 0;
    std::string line;
    for (;; ++count) {
        const auto row = steps.next();
        if (!row) return output.cut_off(report(row.error()));
        if (*row == nullptr) break;
        if (query.form == Form::json) {
            columns.write_json(output.json(), **row);
            output.pass_on();
            continue;
        }
        if (count == 0 && query.form == Form::csv) output.line(columns.csv_header());
        if (count == 0 && query.form == Form::text) {
            output.line(span_text(query.file, query.span) + "; ms, Mbit/s");
            output.line(table.header());
        }
        line.clear();
        if (query.form == Form::csv)
            columns.append_csv(line, **row);
        else
            line = table.line(**row);
        output.line(line);
    }
    if (query.form == Form::json) output.json().EndArray();
    return count > 0 ? tool_exit::kYes : no_data(query);
}

int print_summary(const Query& query, Output& output) {
    const auto summary = summarize(query.file, query.span);
    if (!summary) return output.cut_off(report(summary.error()));
    const Layout& layout = query.file.layout();
    if (query.form == Form::json) key(output.json(), "summary");
    if (!*summary) {
        if (query.form == Form::json) output.json().Null();
        return no_data(query);
    }
    if (query.form == Form::json) {
        write_summary(output.json(), layout, query.choice, **summary);
    } else if (query.form == Form::csv) {
        output.line(summary_csv(layout, query.choice, **summary));
    } else {
        output.line(span_text(query.file, query.span) + "; ms, Mbit/s");
        std::string text = summary_text(layout, query.choice, query.span, **summary);
        text.pop_back();
        output.line(text);
    }
    return tool_exit::kYes;
}

int print_plot(const Query& query, const Options& options) {
    auto rows = RowCursor::open(query.file, query.span);
    if (!rows) return report(rows.error());
    HistoryPlot plot(query.file.layout(), query.choice, query.span, terminal_columns());
    std::int64_t count = 0;
    for (;; ++count) {
        const auto row = rows->next();
        if (!row) return report(row.error());
        if (*row == nullptr) break;
        plot.add(**row);
    }
    if (count == 0) return no_data(query);
    const bool blocks = !options.ascii && speaks_utf8();
    const Canvas canvas = plot.draw(blocks ? block_glyphs() : ascii_glyphs());
    fmt::print("{}\n{}", span_text(query.file, query.span),
               picture_text(canvas, on_terminal() && colour_wanted(options.no_colour)));
    return tool_exit::kYes;
}

// Transitions or events: a line or an object each.
template <typename Each, typename Line, typename Object>
struct ListOf {
    const char* what;
    Each each;
    Line line;
    Object object;
};
template <typename Each, typename Line, typename Object>
ListOf(const char*, Each, Line, Object) -> ListOf<Each, Line, Object>;

template <typename List>
int print_list(const Query& query, Output& output, const List& list) {
    if (query.form == Form::json) {
        key(output.json(), list.what);
        output.json().StartArray();
    }
    const auto count = list.each(query.file, query.span, [&](const auto& one) {
        if (query.form == Form::json)
            list.object(output.json(), one);
        else
            output.line(list.line(one));
        output.pass_on();
    });
    if (!count) return output.cut_off(report(count.error()));
    if (query.form == Form::json) output.json().EndArray();
    if (*count == 0 && query.form == Form::text)
        output.line(fmt::format("no {}: {}", list.what, span_text(query.file, query.span)));
    return tool_exit::kYes;
}

int print_transitions(const Query& query, Output& output) {
    const Layout& layout = query.file.layout();
    const bool csv = query.form == Form::csv;
    if (csv) output.line(kTransitionCsv);
    const auto line = [&](const StoredTransition& one) {
        return csv ? transition_csv(layout, one) : transition_line(layout, one);
    };
    const auto object = [&](JsonWriter& json, const StoredTransition& one) {
        write_transition(json, layout, one);
    };
    return print_list(query, output, ListOf{"transitions", &each_transition, line, object});
}

int print_events(const Query& query, Output& output) {
    const bool csv = query.form == Form::csv;
    if (csv) output.line(kEventCsv);
    const auto line = [csv](const StoredEvent& one) {
        return csv ? event_csv(one) : event_line(one);
    };
    return print_list(query, output, ListOf{"events", &each_event, line, &write_event});
}

int print_all(const Query& query, const Options& options) {
    Output output;
    const bool json = query.form == Form::json;
    if (json) {
        output.json().StartObject();
        write_frame(output.json(), query.file, query.span);
    }
    int code = tool_exit::kYes;
    const bool rows = !options.summary && !options.transitions && !options.events;
    if (options.summary) code = print_summary(query, output);
    if (options.transitions && code == tool_exit::kYes) code = print_transitions(query, output);
    if (options.events && code == tool_exit::kYes) code = print_events(query, output);
    if (rows) code = print_rows(query, output);
    if (json && !output.is_cut_off()) {
        output.json().EndObject();
        output.line("");
    }
    return code;
}

int run(const Options& options, const Clock& clock) {
    const auto span = asked_span(options.span, clock);
    if (!span) return usage(span.error());
    if (options.csv && options.summary + options.transitions + options.events > 1)
        return usage({ErrorKind::invalid_input,
                      "one table at a time as CSV: --summary, --transitions or --events"});
    auto file = open_store(options.store);
    if (!file) return file.error();
    const auto choice = parse_choice(file->layout(), options.metrics);
    if (!choice) return usage(choice.error());
    const Query query{*file, *span, *choice, granularity_of(options.step).value_or(step_for(*span)),
                      options.form()};
    return after_printing(options.plot ? print_plot(query, options) : print_all(query, options));
}

}  // namespace

std::function<int()> install_history(CLI::App& app, const Clock& clock) {
    const auto options = std::make_shared<Options>();
    add_span_options(app, options->span, "1h");
    add_store_options(app, options->store);
    app.add_option("--metrics", options->metrics,
                   "only these: wanctl_rtt_ms,wanctl_state ... or rtt,baseline,delta,down,up");
    app.add_option("--step", options->step,
                   "a row for each slot (raw), or 1m, 5m, 1h; older rows may be longer (default: "
                   "as suits the span)")
        ->check(CLI::IsMember({"auto", "raw", "1m", "5m", "1h"}));
    auto* summary = app.add_flag("--summary", options->summary,
                                 "min, avg, p50, p95, p99, max of the span, and zone shares");
    app.add_flag("--events", options->events, "starts, stops, reloads, alerts ... in the span");
    app.add_flag("--transitions", options->transitions, "every change of a zone, and why");
    auto* json = app.add_flag("--json", options->json, "one JSON object; times in UTC");
    auto* csv = app.add_flag("--csv", options->csv, "CSV; times in UTC")->excludes(json);
    app.add_flag("--plot", options->plot,
                 "charts as wide as the terminal; a column's letter is the worst zone that lasted "
                 "for a tenth of it")
        ->excludes(json, csv, summary);
    app.add_flag("--no-color", options->no_colour, "as with the environment variable NO_COLOR");
    app.add_flag("--ascii", options->ascii, "charts without block characters");
    app.footer(
        "Older slots are kept as rows of 1m, 5m, 1h (column OF); at the edges of a span they "
        "count\n"
        "whole. G97 Y2 R<1 is the time in GREEN, YELLOW, RED in per cent.\n"
        "Exit: 0 printed, 2 no file or not readable, 3 no data, damaged or another's file, 64 "
        "usage.");
    return [options, &clock] { return run(*options, clock); };
}

}  // namespace wanctl::inspect
