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

}  // namespace wanctl::http
