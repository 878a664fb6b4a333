// Prometheus' text format, version 0.0.4.
#pragma once

#include <string>
#include <string_view>

#include "common/metrics/duration_histogram.hpp"

namespace wanctl::metrics {

inline constexpr std::string_view kExpositionType = "text/plain; version=0.0.4; charset=utf-8";

// Text that grows: a family's head, then its samples, then the next family.
class Exposition {
  public:
    Exposition() { text_.reserve(32768); }

    // `type` is gauge, counter or histogram.
    void family(std::string_view name, std::string_view type, std::string_view help);
    // `labels` as in the braces, by label() and join(); empty for none.
    void sample(std::string_view name, std::string_view labels, double value);
    // In seconds. Belongs to a family of type histogram.
    void histogram(std::string_view name, std::string_view labels,
                   const DurationHistogram& histogram);

    [[nodiscard]] std::string take() && { return std::move(text_); }

  private:
    void write(double value);

    std::string text_;
};

// name="value", whatever is in the value.
[[nodiscard]] std::string label(std::string_view name, std::string_view value);
// Both, either of which may be empty.
[[nodiscard]] std::string join(std::string_view a, std::string_view b);

}  // namespace wanctl::metrics
