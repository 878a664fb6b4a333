// What /metrics is asked for and how it is answered, whatever it tells.
#pragma once

#include <string>

#include "common/http/request.hpp"
#include "common/http/session.hpp"
#include "common/metrics/process_metrics.hpp"
#include "common/metrics/record_rows.hpp"

namespace wanctl::http {

// ?names=base leaves out the names whose units Prometheus' own rules do not allow.
[[nodiscard]] inline metrics::Names names_wanted(const Request& request) {
    return query_value(request.query, "names") == "base" ? metrics::Names::base
                                                         : metrics::Names::all;
}

[[nodiscard]] inline metrics::HttpFigures figures(const Counters& counters) {
    return {std::to_array(counters.answers), counters.refused, counters.timed_out, counters.open};
}

[[nodiscard]] inline Answer metrics_answer(std::string text) {
    return {200, metrics::kExpositionType, std::move(text)};
}

// /metrics/history, where nobody reads the history for it.
[[nodiscard]] inline Answer no_history(bool enabled) {
    return error_answer(404, enabled
                                 ? "the history is not served by HTTP in this version, allowed: "
                                   "reading its database"
                                 : "history is not enabled");
}

}  // namespace wanctl::http
