// /metrics of both daemons, in Prometheus' text format.
#pragma once

#include <span>
#include <string>

#include "common/metrics/process_metrics.hpp"
#include "common/metrics/record_rows.hpp"
#include "common/metrics/views.hpp"

namespace wanctl::metrics {

class AutorateMetrics {
  public:
    AutorateMetrics();
    [[nodiscard]] std::string text(const ProcessView& process, std::span<const WanView> wans,
                                   const HttpFigures& http, Names names) const;

  private:
    RecordRows rows_;
};

class SteeringMetrics {
  public:
    SteeringMetrics();
    [[nodiscard]] std::string text(const ProcessView& process, const SteeringView& steering,
                                   const HttpFigures& http, Names names) const;

  private:
    RecordRows rows_;
};

}  // namespace wanctl::metrics
