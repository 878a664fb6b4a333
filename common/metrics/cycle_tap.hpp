// What the HTTP interface keeps of one WAN's records: the newest, and the few figures that one
// record cannot tell.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "common/metrics/duration_histogram.hpp"
#include "common/metrics/router_watch.hpp"
#include "common/record/cycle_record.hpp"
#include "common/record/state_names.hpp"

namespace wanctl::metrics {

struct CycleTimes {
    double avg_ms = 0;
    double p95_ms = 0;
    double p99_ms = 0;
    double share = 0;  // of the slot's length, on average
};

class CycleTap {
  public:
    static constexpr std::size_t kStageNames = names::kStageWords.size();
    // A minute at 20 Hz.
    static constexpr std::size_t kWindow = 1200;

    CycleTap() { slot_cpu_.reserve(kWindow); }

    // After each record is published; does not allocate. `router_failures` since start.
    void observe(const CycleRecord& record, std::uint64_t router_failures);

    // nullptr before the first.
    [[nodiscard]] const CycleRecord* latest() const { return any_ ? &latest_ : nullptr; }
    // Up to the newest, in a row.
    [[nodiscard]] std::uint64_t blackout_slots() const { return blackout_slots_; }
    [[nodiscard]] const RouterWatch& router() const { return router_; }
    [[nodiscard]] const DurationHistogram& stage(std::size_t index) const { return stage_[index]; }
    [[nodiscard]] const DurationHistogram& lateness() const { return lateness_; }
    // Processor time of the last kWindow slots.
    [[nodiscard]] CycleTimes cycle_times() const;

  private:
    CycleRecord latest_;
    bool any_ = false;
    std::uint64_t blackout_slots_ = 0;
    RouterWatch router_;
    std::array<DurationHistogram, kStageNames> stage_;
    DurationHistogram lateness_;
    std::vector<std::uint32_t> slot_cpu_;  // ns
    std::size_t next_ = 0;                 // of slot_cpu_, when it is full
};

}  // namespace wanctl::metrics
