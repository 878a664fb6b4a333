#include "shm/inspect/history_columns.hpp"

#include <cctype>
#include <cmath>
#include <iterator>
#include <optional>

#include <fmt/format.h>

#include "common/history/summary.hpp"
#include "common/history/when.hpp"
#include "common/record/states.hpp"

namespace wanctl::inspect {
namespace {

using namespace history;

double seconds(const Bucket& bucket) {
    return static_cast<double>(bucket.span_us) / 1e6;
}

std::optional<Percentiles> percentiles_of(const Bucket& bucket, std::size_t quantity) {
    if (bucket.histogram[quantity].empty()) return std::nullopt;
    PercentileSum sum;
    sum.add_bucket(bucket.amount[quantity], bucket.histogram[quantity]);
    return sum.result(bucket.amount[quantity]);
}

void append_number(std::string& out, double value) {
    out += ',';
    out += number_text(value);
}

void write_number(JsonWriter& json, const std::string& name, std::optional<double> value) {
    key(json, name);
    if (!value) {
        json.Null();
        return;
    }
    const std::string digits = number_text(*value);
    json.RawValue(digits.data(), digits.size(), rapidjson::kNumberType);
}

}  // namespace

std::string number_text(double value) {
    const double exact = value * 1e6;
    return std::abs(exact - std::round(exact)) < 1e-3
               ? fmt::format("{}", std::round(exact) / 1e6 + 0.0)
               : fmt::format("{:.7g}", value);
}

std::string zone_word(const Axis& axis, std::size_t zone) {
    std::string word(axis.zones[zone]);
    for (char& c : word) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return word;
}

std::string transition_zone(const Layout& layout, std::int64_t zone) {
    const Axis& axis = layout.axes[0];
    const bool known = zone >= 0 && static_cast<std::size_t>(zone) < axis.zones.size();
    return known ? zone_word(axis, static_cast<std::size_t>(zone)) : fmt::format("{}", zone);
}

std::string direction_word(const Layout& layout, std::int64_t direction) {
    if (&layout != &cycle_layout()) return "-";
    return std::string(name(direction == 0 ? Direction::download : Direction::upload));
}

std::string Columns::csv_header() const {
    std::string line = "time,granularity,cycles,seconds";
    for (std::size_t i = 0; i < layout->quantities.size(); ++i) {
        if (!choice.quantity[i]) continue;
        const Quantity& each = layout->quantities[i];
        line += fmt::format(",{0},{0}_min,{0}_max", column_name(each));
        if (percentiles && each.histogram)
            line += fmt::format(",{0}_p50,{0}_p95,{0}_p99", column_name(each));
    }
    for (std::size_t i = 0; i < layout->axes.size(); ++i) {
        if (!choice.axis[i]) continue;
        const Axis& axis = layout->axes[i];
        line += fmt::format(",{}", axis.column);
        for (const std::string_view zone : axis.zones)
            line += fmt::format(",{}_{}", axis.stem, zone);
    }
    return line;
}

void Columns::append_csv(std::string& out, const Bucket& bucket) const {
    const bool raw = bucket.length_ms == 0;
    fmt::format_to(std::back_inserter(out), "{},{},{}", utc_text(bucket.at_ms),
                   granularity_text(bucket.length_ms), bucket.cycles);
    append_number(out, seconds(bucket));
    for (std::size_t i = 0; i < layout->quantities.size(); ++i) {
        if (!choice.quantity[i]) continue;
        const Quantity& each = layout->quantities[i];
        const Amount& amount = bucket.amount[i];
        const auto found = percentiles ? percentiles_of(bucket, i) : std::nullopt;
        const bool known = amount.n > 0;
        if (known)
            append_number(out, amount.mean() / each.per_metric);
        else
            out += ',';
        if (known && !raw) {
            append_number(out, static_cast<double>(amount.min) / each.per_metric);
            append_number(out, static_cast<double>(amount.max) / each.per_metric);
        } else {
            out += ",,";
        }
        if (!percentiles || !each.histogram) continue;
        if (found)
            for (const double value : {found->p50, found->p95, found->p99})
                append_number(out, value / each.per_metric);
        else
            out += ",,,";
    }
    for (std::size_t i = 0; i < layout->axes.size(); ++i) {
        if (!choice.axis[i]) continue;
        const Axis& axis = layout->axes[i];
        const auto zone = bucket.zone(i);
        out += ',';
        if (zone) out += zone_word(axis, *zone);
        for (std::size_t each = 0; each < axis.zones.size(); ++each) {
            if (raw)
                out += ',';
            else
                append_number(out, bucket.share(i, each));
        }
    }
}

void Columns::write_json(JsonWriter& json, const Bucket& bucket) const {
    const bool raw = bucket.length_ms == 0;
    json.StartObject();
    key(json, "time");
    text(json, utc_text(bucket.at_ms));
    key(json, "granularity");
    text(json, granularity_text(bucket.length_ms));
    key(json, "cycles");
    json.Int64(bucket.cycles);
    write_number(json, "seconds", seconds(bucket));
    for (std::size_t i = 0; i < layout->quantities.size(); ++i) {
        if (!choice.quantity[i]) continue;
        const Quantity& each = layout->quantities[i];
        const Amount& amount = bucket.amount[i];
        const std::string name(column_name(each));
        const auto scaled = [&](double value) {
            return amount.n == 0 ? std::nullopt : std::optional(value / each.per_metric);
        };
        write_number(json, name, scaled(amount.mean()));
        if (raw) continue;
        write_number(json, name + "_min", scaled(static_cast<double>(amount.min)));
        write_number(json, name + "_max", scaled(static_cast<double>(amount.max)));
        if (!percentiles || !each.histogram) continue;
        const auto found = percentiles_of(bucket, i).value_or(Percentiles{});
        write_number(json, name + "_p50", scaled(found.p50));
        write_number(json, name + "_p95", scaled(found.p95));
        write_number(json, name + "_p99", scaled(found.p99));
    }
    for (std::size_t i = 0; i < layout->axes.size(); ++i) {
        if (!choice.axis[i]) continue;
        const Axis& axis = layout->axes[i];
        key(json, axis.column);
        if (const auto zone = bucket.zone(i))
            text(json, zone_word(axis, *zone));
        else
            json.Null();
        if (raw) continue;
        for (std::size_t each = 0; each < axis.zones.size(); ++each)
            write_number(json, fmt::format("{}_{}", axis.stem, axis.zones[each]),
                         bucket.share(i, each));
    }
    json.EndObject();
}

}  // namespace wanctl::inspect
