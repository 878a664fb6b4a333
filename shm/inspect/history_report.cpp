#include "shm/inspect/history_report.hpp"

#include <cstdio>
#include <optional>

#include <fmt/format.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include "common/history/when.hpp"
#include "common/printable.hpp"

namespace wanctl::inspect {
namespace {

using namespace history;

constexpr std::size_t kPiece = 1U << 16U;

void write_value(JsonWriter& json, std::string_view name, std::optional<double> value) {
    key(json, name);
    if (value) {
        const std::string digits = number_text(*value);
        json.RawValue(digits.data(), digits.size(), rapidjson::kNumberType);
    } else {
        json.Null();
    }
}

std::optional<double> ms(const std::optional<std::int64_t>& us) {
    return us ? std::optional(static_cast<double>(*us) / 1e3) : std::nullopt;
}

std::string ms_text(const std::optional<std::int64_t>& us) {
    return us ? number_text(static_cast<double>(*us) / 1e3) : "";
}

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

bool is_json(const std::string& text) {
    rapidjson::MemoryStream stream(text.data(), text.size());
    rapidjson::BaseReaderHandler<> nobody;
    rapidjson::Reader reader;
    return !reader
                .Parse<rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag>(
                    stream, nobody)
                .IsError();
}

}  // namespace

void Output::pass_on() {
    if (buffer_.GetSize() >= kPiece) flush();
}

void Output::end_json_line() {
    buffer_.Put('\n');
    json_.Reset(buffer_);
    pass_on();
}

void Output::line(const std::string& text) {
    for (const char c : text) buffer_.Put(c);
    buffer_.Put('\n');
    pass_on();
}

void Output::flush() {
    // Whether it arrived is asked at the end.
    static_cast<void>(std::fwrite(buffer_.GetString(), 1, buffer_.GetSize(), stdout));
    buffer_.Clear();
}

void write_frame(JsonWriter& json, const HistoryFile& file, const Span& span) {
    key(json, "wan");
    text(json, file.wan());
    key(json, "kind");
    text(json, file.layout().kind);
    key(json, "from");
    text(json, utc_text(span.from_ms));
    key(json, "to");
    text(json, utc_text(span.to_ms));
}

void write_summary(JsonWriter& json, const Layout& layout, const Choice& choice,
                   const Summary& summary) {
    json.StartObject();
    key(json, "cycles");
    json.Int64(summary.total.cycles);
    write_value(json, "seconds", static_cast<double>(summary.total.span_us) / 1e6);
    key(json, "granularities");
    json.StartArray();
    for (const std::int64_t each : summary.granularities) text(json, granularity_text(each));
    json.EndArray();
    key(json, "metrics");
    json.StartObject();
    for (std::size_t i = 0; i < layout.quantities.size(); ++i) {
        if (!choice.quantity[i]) continue;
        const Quantity& quantity = layout.quantities[i];
        const Amount& amount = summary.total.amount[i];
        const auto& found = summary.percentiles[i];
        const auto scaled = [&](double value) {
            return found ? std::optional(value / quantity.per_metric) : std::nullopt;
        };
        const Percentiles some = found.value_or(Percentiles{});
        key(json, column_name(quantity));
        json.StartObject();
        key(json, "count");
        json.Int64(amount.n);
        write_value(json, "min", scaled(static_cast<double>(amount.min)));
        write_value(json, "avg", scaled(amount.mean()));
        write_value(json, "p50", scaled(some.p50));
        write_value(json, "p95", scaled(some.p95));
        write_value(json, "p99", scaled(some.p99));
        write_value(json, "max", scaled(static_cast<double>(amount.max)));
        key(json, "percentiles_from");
        text(json, name(some.evidence));
        json.EndObject();
    }
    json.EndObject();
    key(json, "zones");
    json.StartObject();
    for (std::size_t i = 0; i < layout.axes.size(); ++i) {
        if (!choice.axis[i]) continue;
        key(json, layout.axes[i].column);
        json.StartObject();
        for (std::size_t zone = 0; zone < layout.axes[i].zones.size(); ++zone)
            write_value(json, zone_word(layout.axes[i], zone), summary.total.share(i, zone));
        json.EndObject();
    }
    json.EndObject();
    json.EndObject();
}

std::string summary_csv(const Layout& layout, const Choice& choice, const Summary& summary) {
    std::string text = "name,count,min,avg,p50,p95,p99,max,percentiles_from,share\n";
    for (std::size_t i = 0; i < layout.quantities.size(); ++i) {
        if (!choice.quantity[i]) continue;
        const Amount& amount = summary.total.amount[i];
        const auto& found = summary.percentiles[i];
        text += fmt::format("{},{}", column_name(layout.quantities[i]), amount.n);
        if (!found) {
            text += ",,,,,,,,\n";
            continue;
        }
        for (const double value : {static_cast<double>(amount.min), amount.mean(), found->p50,
                                   found->p95, found->p99, static_cast<double>(amount.max)})
            text += ',' + number_text(value / layout.quantities[i].per_metric);
        text += fmt::format(",{},\n", name(found->evidence));
    }
    for (std::size_t i = 0; i < layout.axes.size(); ++i) {
        if (!choice.axis[i]) continue;
        for (std::size_t zone = 0; zone < layout.axes[i].zones.size(); ++zone)
            text +=
                fmt::format("{}_{},,,,,,,,,{}\n", layout.axes[i].stem, layout.axes[i].zones[zone],
                            number_text(summary.total.share(i, zone)));
    }
    text.pop_back();
    return text;
}

void write_transition(JsonWriter& json, const Layout& layout, const StoredTransition& transition) {
    json.StartObject();
    key(json, "time");
    text(json, utc_text(transition.at_ms));
    key(json, "direction");
    text(json, direction_word(layout, transition.direction));
    key(json, "from");
    text(json, transition_zone(layout, transition.from));
    key(json, "to");
    text(json, transition_zone(layout, transition.to));
    write_value(json, "delta_ms", ms(transition.delta_us));
    write_value(json, "threshold_ms", ms(transition.threshold_us));
    key(json, "reason");
    text(json, printable(transition.reason));
    json.EndObject();
}

std::string transition_csv(const Layout& layout, const StoredTransition& transition) {
    return fmt::format("{},{},{},{},{},{},{}", utc_text(transition.at_ms),
                       direction_word(layout, transition.direction),
                       transition_zone(layout, transition.from),
                       transition_zone(layout, transition.to), ms_text(transition.delta_us),
                       ms_text(transition.threshold_us), quoted(printable(transition.reason)));
}

void write_event(JsonWriter& json, const StoredEvent& event) {
    json.StartObject();
    key(json, "time");
    text(json, utc_text(event.at_ms));
    key(json, "kind");
    text(json, printable(event.kind));
    key(json, "detail");
    if (event.detail.empty())
        json.Null();
    else if (is_json(event.detail))
        json.RawValue(event.detail.data(), event.detail.size(), rapidjson::kObjectType);
    else
        text(json, printable(event.detail));
    json.EndObject();
}

std::string event_csv(const StoredEvent& event) {
    return fmt::format("{},{},{}", utc_text(event.at_ms), printable(event.kind),
                       event.detail.empty() ? "" : quoted(printable(event.detail)));
}

}  // namespace wanctl::inspect
