#include "common/http/history_query.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <deque>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "common/history/metric_entries.hpp"
#include "common/http/json_parts.hpp"
#include "common/printable.hpp"

namespace wanctl::http {

namespace {

using namespace history;

constexpr std::array<std::string_view, 7> kParameters{"range", "from",  "to",    "metrics",
                                                      "wan",   "limit", "offset"};

std::optional<std::string> unknown_parameter(std::string_view query) {
    for (const std::string& name : query_names(query))
        if (std::ranges::find(kParameters, name) == kParameters.end()) return name;
    return std::nullopt;
}

struct Allowed {
    std::int64_t least;
    std::int64_t most;
    std::int64_t otherwise;  // when nothing is said
};

Result<std::int64_t> whole_number(std::string_view query, std::string_view name,
                                  const Allowed& allowed) {
    const std::string text = query_value(query, name);
    if (text.empty()) return allowed.otherwise;
    std::int64_t value = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (read.ec == std::errc() && read.ptr == end && value >= allowed.least &&
        value <= allowed.most)
        return value;
    return fail(ErrorKind::invalid_input,
                fmt::format("{}: \"{}\", allowed: {} to {}", name, printable(text), allowed.least,
                            allowed.most));
}

// One file and where its reading is.
struct Source {
    HistoryFile file;
    std::optional<MetricCursor> entries;
    const MetricEntry* next = nullptr;
};

Result<void> advance(Source& source) {
    const auto next = source.entries->next();
    if (!next) return tl::unexpected(next.error());
    source.next = *next;
    return {};
}

Result<void> open(std::deque<Source>& sources, const HistoryLine& line, const Layout& layout,
                  const HistoryQuery& query) {
    auto file = HistoryFile::open(line.path);
    if (!file) return tl::unexpected(file.error());
    if (&file->layout() != &layout || file->wan() != line.wan)
        return fail(ErrorKind::invalid_input,
                    fmt::format("{}: holds the history of {} \"{}\"", line.path,
                                file->layout().kind, file->wan()));
    Source& source = sources.emplace_back(Source{std::move(*file), {}, nullptr});
    auto entries = MetricCursor::open(source.file, query.span, query.metrics);
    if (!entries) return tl::unexpected(entries.error());
    source.entries.emplace(std::move(*entries));
    return advance(source);
}

// The one with the oldest entry, of equals the first; nullptr at the end of all.
Source* oldest(std::deque<Source>& sources) {
    Source* found = nullptr;
    for (Source& each : sources) {
        if (each.next == nullptr) continue;
        if (found == nullptr || each.next->at_ms < found->next->at_ms) found = &each;
    }
    return found;
}

void write_entry(JsonWriter& json, const Source& source) {
    const MetricEntry& entry = *source.next;
    json.StartObject();
    words(json, "timestamp", history::utc_text(entry.at_ms));
    words(json, "wan_name", source.file.wan());
    words(json, "metric_name", entry.metric);
    key(json, "value");
    // bit/s are whole numbers: what is finer comes of averages alone.
    if (entry.value)
        json.Double(std::round(*entry.value * 1e6) / 1e6);
    else
        json.Null();
    key(json, "labels");
    if (entry.labels.empty())
        json.Null();
    else
        json.RawValue(entry.labels.data(), entry.labels.size(), rapidjson::kObjectType);
    words(json, "granularity", entry.granularity);
    json.EndObject();
}

struct Written {
    std::int64_t entries = 0;
    bool more = false;
};

Result<Written> write_entries(JsonWriter& json, std::deque<Source>& sources,
                              const HistoryQuery& query) {
    Written written;
    std::int64_t skipped = 0;
    for (Source* source = oldest(sources); source != nullptr; source = oldest(sources)) {
        if (skipped < query.offset) {
            ++skipped;
        } else if (written.entries < query.limit) {
            write_entry(json, *source);
            ++written.entries;
        } else {
            written.more = true;
            break;
        }
        if (auto ready = advance(*source); !ready) return tl::unexpected(ready.error());
    }
    return written;
}

void write_metadata(JsonWriter& json, const std::deque<Source>& sources, const HistoryQuery& query,
                    const Written& written) {
    key(json, "metadata");
    json.StartObject();
    words(json, "from", history::utc_text(query.span.from_ms));
    words(json, "to", history::utc_text(query.span.to_ms));
    count(json, "limit", static_cast<std::uint64_t>(query.limit));
    count(json, "offset", static_cast<std::uint64_t>(query.offset));
    count(json, "returned_count", static_cast<std::uint64_t>(written.entries));
    truth(json, "more", written.more);
    std::string notes;
    for (const Source& each : sources)
        if (!each.file.note().empty())
            notes += fmt::format("{}{}: {}", notes.empty() ? "" : "; ", each.file.path(),
                                 each.file.note());
    if (!notes.empty()) words(json, "note", notes);
    json.EndObject();
}

}  // namespace

Result<HistoryQuery> parse_history_query(const Request& request, const Layout& layout,
                                         std::int64_t now_ms) {
    if (const auto unknown = unknown_parameter(request.query))
        return fail(ErrorKind::invalid_input,
                    fmt::format("there is no parameter \"{}\", allowed: {}", printable(*unknown),
                                fmt::join(kParameters, ", ")));
    HistoryQuery query;
    std::string range = query_value(request.query, "range");
    const std::string from = query_value(request.query, "from");
    if (!range.empty() && !from.empty())
        return fail(ErrorKind::invalid_input,
                    "range and from say the same, allowed: one of them, each with to or without");
    if (range.empty()) range = "1h";
    const auto span = parse_span(range, from, query_value(request.query, "to"), now_ms);
    if (!span) return tl::unexpected(span.error());
    query.span = *span;
    const auto metrics = parse_metrics(layout, query_value(request.query, "metrics"));
    if (!metrics) return tl::unexpected(metrics.error());
    query.metrics = *metrics;
    query.wan = query_value(request.query, "wan");
    const auto limit = whole_number(request.query, "limit",
                                    {1, HistoryQuery::kMostEntries, HistoryQuery::kEntries});
    if (!limit) return tl::unexpected(limit.error());
    query.limit = *limit;
    const auto offset = whole_number(request.query, "offset", {0, HistoryQuery::kMostSkipped, 0});
    if (!offset) return tl::unexpected(offset.error());
    query.offset = *offset;
    return query;
}

Answer history_answer(const std::vector<HistoryLine>& lines, const Layout& layout,
                      const HistoryQuery& query) {
    // Whatever holds a file must stay where it is.
    std::deque<Source> sources;
    for (const HistoryLine& line : lines)
        if (auto opened = open(sources, line, layout, query); !opened)
            return error_answer(503, opened.error().message);
    rapidjson::StringBuffer buffer;
    JsonWriter json(buffer);
    json.StartObject();
    key(json, "data");
    json.StartArray();
    const auto written = write_entries(json, sources, query);
    if (!written) return error_answer(503, written.error().message);
    json.EndArray();
    write_metadata(json, sources, query, *written);
    json.EndObject();
    return json_answer(200, buffer);
}

}  // namespace wanctl::http
