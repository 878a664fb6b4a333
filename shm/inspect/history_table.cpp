#include "shm/inspect/history_table.hpp"

#include <cctype>
#include <optional>

#include <fmt/format.h>

#include "common/history/when.hpp"
#include "common/printable.hpp"
#include "common/record/states.hpp"
#include "shm/inspect/history_columns.hpp"
#include "shm/inspect/render.hpp"

namespace wanctl::inspect {
namespace {

using namespace history;

constexpr int kTimeWidth = 29;
constexpr int kZoneWidth = 17;

std::string upper(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return out;
}

std::string value_text(const Quantity& quantity, std::optional<double> value) {
    return value ? fmt::format("{:.2f}", *value / quantity.per_metric) : "-";
}

// "G97 Y2 R<1": per cent of the time in each zone it was in.
std::string shares_text(const Axis& axis, const Bucket& bucket, std::size_t place) {
    std::string text;
    for (std::size_t zone = 0; zone < axis.zones.size(); ++zone) {
        const double percent = 100 * bucket.share(place, zone);
        if (percent <= 0) continue;
        if (!text.empty()) text += ' ';
        text += upper(axis.zones[zone].substr(0, 1));
        text += percent < 0.5 ? "<1" : fmt::format("{:.0f}", percent);
    }
    return text.empty() ? "-" : text;
}

std::string percentile_text(const Quantity& quantity, const std::optional<Percentiles>& found,
                            double Percentiles::*which) {
    if (!found) return "-";
    return (found->evidence == Evidence::exact ? "" : "~") + value_text(quantity, (*found).*which);
}

std::string evidence_note(const Layout& layout, const Choice& choice, const Summary& summary) {
    bool histogram = false;
    std::string averaged;
    for (std::size_t i = 0; i < layout.quantities.size(); ++i) {
        if (!choice.quantity[i] || !summary.percentiles[i]) continue;
        const Evidence evidence = summary.percentiles[i]->evidence;
        histogram = histogram || evidence == Evidence::histogram;
        if (evidence != Evidence::averages) continue;
        if (!averaged.empty()) averaged += ", ";
        averaged += column_name(layout.quantities[i]);
    }
    std::string note;
    if (histogram) note += "~ from histograms, within 2 % of the value\n";
    if (!averaged.empty())
        note += fmt::format("~ of {}: from the averages of older rows\n", averaged);
    return note;
}

std::string zones_text(const Layout& layout, const Choice& choice, const Summary& summary) {
    std::string text;
    for (std::size_t i = 0; i < layout.axes.size(); ++i) {
        if (!choice.axis[i]) continue;
        const Axis& axis = layout.axes[i];
        text += fmt::format("{:<20}", axis.column);
        for (std::size_t zone = 0; zone < axis.zones.size(); ++zone)
            text += fmt::format("  {} {:.2f} %", zone_word(axis, zone),
                                100 * summary.total.share(i, zone));
        text += '\n';
    }
    return text.empty() ? text : "\nshare of the time\n" + text;
}

}  // namespace

std::string span_text(const HistoryFile& file, const Span& span) {
    return fmt::format("{}, {} to {}", file.wan(), local_text(span.from_ms),
                       local_text(span.to_ms));
}

std::string granularities_text(const std::vector<std::int64_t>& granularities) {
    std::string text;
    for (const std::int64_t each : granularities)
        text += (text.empty() ? "" : ", ") + granularity_text(each);
    return text;
}

std::string RowTable::header() const {
    std::string line = fmt::format("{:<{}} {:<4}", "TIME (LOCAL)", kTimeWidth, "OF");
    for (std::size_t i = 0; i < layout_.quantities.size(); ++i) {
        if (!choice_.quantity[i]) continue;
        line += fmt::format(" {:>8}", upper(layout_.quantities[i].stem));
        if (!raw_ && layout_.quantities[i].histogram) line += fmt::format(" {:>8}", "MAX");
    }
    for (std::size_t i = 0; i < layout_.axes.size(); ++i)
        if (choice_.axis[i])
            line += fmt::format("  {:<{}}", upper(layout_.axes[i].column), kZoneWidth);
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

std::string RowTable::line(const Bucket& bucket) const {
    const bool raw = bucket.length_ms == 0;
    std::string line = fmt::format("{:<{}} {:<4}", local_text(bucket.at_ms, raw), kTimeWidth,
                                   granularity_text(bucket.length_ms));
    for (std::size_t i = 0; i < layout_.quantities.size(); ++i) {
        if (!choice_.quantity[i]) continue;
        const Quantity& quantity = layout_.quantities[i];
        const Amount& amount = bucket.amount[i];
        const bool known = amount.n > 0;
        line += fmt::format(
            " {:>8}", value_text(quantity, known ? std::optional(amount.mean()) : std::nullopt));
        if (raw_ || !quantity.histogram) continue;
        const auto max = static_cast<double>(amount.max);
        line +=
            fmt::format(" {:>8}", value_text(quantity, known ? std::optional(max) : std::nullopt));
    }
    for (std::size_t i = 0; i < layout_.axes.size(); ++i) {
        if (!choice_.axis[i]) continue;
        const auto zone = bucket.zone(i);
        const std::string words = raw ? (zone ? zone_word(layout_.axes[i], *zone) : "-")
                                      : shares_text(layout_.axes[i], bucket, i);
        line += fmt::format("  {:<{}}", words, kZoneWidth);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

std::string summary_text(const Layout& layout, const Choice& choice, const Span& span,
                         const Summary& summary) {
    const auto length = [](std::int64_t ms) { return duration_text(Nanos(ms * 1'000'000)); };
    std::string text =
        fmt::format("{} slots, {} recorded of {}, in rows of {}\n\n", summary.total.cycles,
                    length(summary.total.span_us / 1000), length(span.to_ms - span.from_ms),
                    granularities_text(summary.granularities));
    text += fmt::format("{:<20} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n", "", "MIN", "AVG", "P50",
                        "P95", "P99", "MAX");
    for (std::size_t i = 0; i < layout.quantities.size(); ++i) {
        if (!choice.quantity[i]) continue;
        const Quantity& quantity = layout.quantities[i];
        const Amount& amount = summary.total.amount[i];
        const auto& found = summary.percentiles[i];
        const auto known = [&](double value) {
            return value_text(quantity, amount.n > 0 ? std::optional(value) : std::nullopt);
        };
        text += fmt::format("{:<20} {:>9} {:>9} {:>9} {:>9} {:>9} {:>9}\n", column_name(quantity),
                            known(static_cast<double>(amount.min)), known(amount.mean()),
                            percentile_text(quantity, found, &Percentiles::p50),
                            percentile_text(quantity, found, &Percentiles::p95),
                            percentile_text(quantity, found, &Percentiles::p99),
                            known(static_cast<double>(amount.max)));
    }
    return text + evidence_note(layout, choice, summary) + zones_text(layout, choice, summary);
}

std::string transition_line(const Layout& layout, const StoredTransition& transition) {
    const std::string change = fmt::format("{} -> {}", transition_zone(layout, transition.from),
                                           transition_zone(layout, transition.to));
    const auto ms = [](const std::optional<std::int64_t>& us) {
        return us ? fmt::format("{:.1f}", static_cast<double>(*us) / 1e3) : "-";
    };
    return fmt::format("{} {:<8} {:<20} {:>8} {:>9}  {}", local_text(transition.at_ms, true),
                       direction_word(layout, transition.direction), change,
                       ms(transition.delta_us), ms(transition.threshold_us),
                       printable(transition.reason));
}

std::string event_line(const StoredEvent& event) {
    return fmt::format("{} {:<14} {}", local_text(event.at_ms, true), printable(event.kind),
                       printable(event.detail));
}

}  // namespace wanctl::inspect
