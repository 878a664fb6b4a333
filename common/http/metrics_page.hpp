// What /metrics is asked for and how it is answered, whatever it tells.
#pragma once

#include <string>

#include <fmt/format.h>

#include "common/http/request.hpp"
#include "common/http/session.hpp"
#include "common/metrics/process_metrics.hpp"
#include "common/metrics/record_rows.hpp"
#include "common/printable.hpp"

namespace wanctl::http {

[[nodiscard]] inline metrics::HttpFigures figures(const Counters& counters) {
    return {std::to_array(counters.answers), counters.refused, counters.timed_out, counters.open};
}

// `text` makes the page of the names that are asked for: ?names=base leaves out those whose units
// Prometheus' own rules do not allow.
template <typename Text>
[[nodiscard]] Answer metrics_answer(const Request& request, Text text) {
    const std::string asked = query_value(request.query, "names");
    if (!asked.empty() && asked != "all" && asked != "base") {
        return error_answer(400,
                            fmt::format("names: \"{}\", allowed: all, base", printable(asked)));
    }
    return {200, metrics::kExpositionType,
            text(asked == "base" ? metrics::Names::base : metrics::Names::all)};
}

}  // namespace wanctl::http
