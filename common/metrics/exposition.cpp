#include "common/metrics/exposition.hpp"

#include <cmath>
#include <iterator>

#include <fmt/format.h>

namespace wanctl::metrics {

void Exposition::family(std::string_view name, std::string_view type, std::string_view help) {
    fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name,
                   type);
}

void Exposition::sample(std::string_view name, std::string_view labels, double value) {
    text_ += name;
    if (!labels.empty()) text_.append("{").append(labels).append("}");
    text_ += ' ';
    write(value);
}

void Exposition::histogram(std::string_view name, std::string_view labels,
                           const DurationHistogram& histogram) {
    const auto line = [&](std::string_view bound, std::uint64_t upto) {
        text_.append(name).append("_bucket{").append(labels).append(labels.empty() ? "" : ",");
        text_.append("le=\"").append(bound).append("\"} ");
        write(static_cast<double>(upto));
    };
    std::uint64_t upto = 0;
    for (std::size_t i = 0; i < DurationHistogram::kBounds.size(); ++i) {
        upto += histogram.within(i);
        line(DurationHistogram::kSeconds[i], upto);
    }
    line("+Inf", histogram.count());
    sample(std::string(name) + "_sum", labels, to_seconds(histogram.sum()));
    sample(std::string(name) + "_count", labels, static_cast<double>(histogram.count()));
}

void Exposition::write(double value) {
    constexpr double kWhole = 9e15;  // below it, whole numbers are exact
    const auto whole = std::abs(value) < kWhole ? static_cast<std::int64_t>(value) : 0;
    if (static_cast<double>(whole) == value) {
        const fmt::format_int digits(whole);
        text_.append(digits.data(), digits.size());
    } else {
        fmt::format_to(std::back_inserter(text_), "{}", value);
    }
    text_ += '\n';
}

std::string label(std::string_view name, std::string_view value) {
    std::string out(name);
    out += "=\"";
    for (const char c : value) {
        if (c == '\\' || c == '"') out += '\\';
        if (c == '\n')
            out += "\\n";
        else
            out += c;
    }
    out += '"';
    return out;
}

std::string join(std::string_view a, std::string_view b) {
    if (a.empty() || b.empty()) return std::string(a.empty() ? b : a);
    return fmt::format("{},{}", a, b);
}

}  // namespace wanctl::metrics
