// What of a WAN's record is worth an alert. Pure: each record is looked at once, in order; a few
// comparisons, nothing on the heap.
//
// congestion_download, congestion_upload: SOFT_RED or RED (upload: RED); unknown while blind.
// flapping_*: 30 zone changes within 120 s, each after a second at least in the zone before;
// unknown while that could not be seen yet.
// wan_offline: nobody answers, neither reflectors nor TCP targets (blackout; blind once these have
// been asked). reflectors_bad: no reflector answers, or all that are asked lie, while TCP targets
// accept or there are answers.
// baseline_drift: half of [baseline] initial_ms or more away from it.
// cycle_budget: in 60 slots in a row, of 80 % the interval's time taken or a tenth missed.
// router_lost: it cannot be told what the law wants, whatever the reason.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "common/alert/conditions.hpp"
#include "common/record/cycle_record.hpp"
#include "common/record/states.hpp"

namespace wanctl::alert {

// One direction's zone changes.
class FlapWatch {
  public:
    static constexpr std::size_t kChanges = 30;
    static constexpr Nanos kWindow = std::chrono::seconds(120);
    static constexpr Nanos kHeld = std::chrono::seconds(1);

    [[nodiscard]] Condition look(SteadyTime now, std::uint8_t zone);

  private:
    std::array<SteadyTime, kChanges> at_{};  // a ring, `next_` is the oldest
    std::size_t next_ = 0;
    std::size_t known_ = 0;
    bool begun_ = false;
    SteadyTime first_look_{};
    std::uint8_t zone_ = 0;
    SteadyTime since_{};
};

// Tumbling windows of kSlots slots; what the last complete one told stands until the next.
class BudgetWatch {
  public:
    static constexpr std::uint64_t kSlots = 60;

    [[nodiscard]] Condition look(const CycleRecord& record);

  private:
    std::uint64_t first_missed_ = 0;
    std::uint64_t slots_ = 0;
    std::uint64_t used_ns_ = 0;
    Condition told_ = Condition::unknown;
    bool begun_ = false;
};

class CycleConditions {
  public:
    explicit CycleConditions(Millis initial_baseline)
        : initial_ns_(from_ms(initial_baseline.count()).count()) {}

    // The baseline that drift is measured from has another value.
    void set_initial_baseline(Millis value) { initial_ns_ = from_ms(value.count()).count(); }

    [[nodiscard]] const Conditions& look(const CycleRecord& record, const HistoryHealth& history);

  private:
    [[nodiscard]] Condition drift(const CycleRecord& record) const;

    std::int64_t initial_ns_;
    std::array<FlapWatch, 2> flapping_;  // [Direction]
    BudgetWatch budget_;
    HistoryWatch history_;
    Conditions conditions_;
};

}  // namespace wanctl::alert
