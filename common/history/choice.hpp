// Which of a layout's quantities and zones are asked for, and how they are called outside: a
// quantity by its metric without "wanctl_" (rtt_ms, rate_download_mbps), a zone by its column.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "common/error.hpp"
#include "common/history/layout.hpp"

namespace wanctl::history {

struct Choice {
    std::array<bool, kMaxQuantities> quantity{};
    std::array<bool, kMaxAxes> axis{};
};

[[nodiscard]] Choice everything(const Layout& layout);

// Names with commas between, each a metric of the view (wanctl_rtt_ms; wanctl_state is the zones of
// both directions), the same without "wanctl_", or a stem or column of the tables (rtt, down,
// down_zone). Empty: all. Errors: invalid_input, with the names there are.
[[nodiscard]] Result<Choice> parse_choice(const Layout& layout, std::string_view metrics);

// Which entries of the view `metrics`.
struct MetricChoice {
    Choice columns;
    bool transitions = false;
};

// The same names, and the transitions' own where they have one; what has no metric of its own is
// told by its transitions. Empty: all.
[[nodiscard]] Result<MetricChoice> parse_metrics(const Layout& layout, std::string_view metrics);

[[nodiscard]] std::string_view column_name(const Quantity& quantity);

}  // namespace wanctl::history
