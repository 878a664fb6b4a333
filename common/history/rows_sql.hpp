// What is asked of one table when a span is read.
#pragma once

#include <string>

#include "common/history/layout.hpp"

namespace wanctl::history {

// The rows that have a part in [?1, ?2), in order of time. Columns: at_ms, span_us; of a tier also
// cycles; then of the raw table (`tier` is nullptr) each quantity's value and each axis's zone, of
// a tier n, min, sum, max of each quantity, where there is one and it is asked for its histogram,
// and the time in each zone of each axis.
[[nodiscard]] std::string rows_sql(const Layout& layout, const Tier* tier, bool histograms);

}  // namespace wanctl::history
