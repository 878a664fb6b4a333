#include "common/metrics/exposition.hpp"

#include <iterator>

#include <fmt/format.h>

namespace wanctl::metrics {

void Exposition::family(std::string_view name, std::string_view type, std::string_view help) {
    fmt::format_to(std::back_inserter(text_), "# HELP {} {}\n# TYPE {} {}\n", name, help, name,
                   type);
}

void Exposition::sample(std::string_view name, std::string_view labels, double value) {
    if (labels.empty())
        fmt::format_to(std::back_inserter(text_), "{} {}\n", name, value);
    else
        fmt::format_to(std::back_inserter(text_), "{}{{{}}} {}\n", name, labels, value);
}

void Exposition::histogram(std::string_view name, std::string_view labels,
                           const DurationHistogram& histogram) {
    const auto line = [&](std::string_view bound, std::uint64_t upto) {
        fmt::format_to(std::back_inserter(text_), "{}_bucket{{{}{}le=\"{}\"}} {}\n", name, labels,
                       labels.empty() ? "" : ",", bound, upto);
    };
    std::uint64_t upto = 0;
    for (std::size_t i = 0; i < DurationHistogram::kBounds.size(); ++i) {
        upto += histogram.within(i);
        line(fmt::format("{}", static_cast<double>(DurationHistogram::kBounds[i]) / 1e9), upto);
    }
    line("+Inf", histogram.count());
    sample(fmt::format("{}_sum", name), labels, to_seconds(histogram.sum()));
    sample(fmt::format("{}_count", name), labels, static_cast<double>(histogram.count()));
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
