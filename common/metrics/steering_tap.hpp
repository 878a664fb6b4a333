// What the HTTP interface keeps of steering's records: the newest, and the few figures that one
// record cannot tell.
#pragma once

#include <cstdint>

#include "common/metrics/duration_histogram.hpp"
#include "common/metrics/router_watch.hpp"
#include "common/record/steering_record.hpp"

namespace wanctl::metrics {

class SteeringTap {
  public:
    // After each record is published; does not allocate. `router_failures` since start.
    void observe(const SteeringRecord& record, std::uint64_t router_failures) {
        latest_ = record;
        any_ = true;
        router_.observe(static_cast<RouterState>(record.router_state),
                        SteadyTime(Nanos(record.mono_ns)), WallTime(Nanos(record.real_ns)),
                        router_failures);
        lateness_.add(Nanos(record.lateness_ns));
    }

    // nullptr before the first.
    [[nodiscard]] const SteeringRecord* latest() const { return any_ ? &latest_ : nullptr; }
    [[nodiscard]] const RouterWatch& router() const { return router_; }
    [[nodiscard]] const DurationHistogram& lateness() const { return lateness_; }

  private:
    SteeringRecord latest_;
    bool any_ = false;
    RouterWatch router_;
    DurationHistogram lateness_;
};

}  // namespace wanctl::metrics
