// From what a slot brought to the one record that every view is made of.
#pragma once

#include "autorate/actuate/actuator.hpp"
#include "autorate/control/wan_controller.hpp"
#include "autorate/probe/slot_result.hpp"
#include "common/record/cycle_record.hpp"
#include "common/units.hpp"

namespace wanctl::autorate {

// How long the parts of a slot took; what no one measured is zero.
struct StageTimes {
    Nanos decide{};
    Nanos actuate{};
    Nanos publish{};   // of the slot before: this one's record is still being made
    Nanos slot_cpu{};  // thread CPU since the previous slot's close
};

struct SlotFacts {
    SteadyTime now;  // the slot's close
    WallTime wall;
    Nanos lateness{};
    std::uint64_t missed_slots = 0;  // since start
    const probe::SlotResult& sample;
    const Decision& decision;
    const actuate::ActuatorView& router;
    const actuate::WritesEnded& writes;
    StageTimes stages;
};

// Keeps one record and writes each slot over the one before: fields that outlive a slot (the last
// transition of each side) stay. No allocation.
class RecordBuilder {
  public:
    RecordBuilder(Nanos interval, std::size_t reflectors);

    // Others from the next slot on: what was known of each is forgotten.
    void set_reflectors(std::size_t reflectors) {
        record_.reflectors = static_cast<std::uint8_t>(reflectors);
    }

    const CycleRecord& build(const SlotFacts& facts);
    // The record as it was last built, marked as the writer's last one, with what the router holds
    // by now.
    const CycleRecord& last(SteadyTime now, WallTime wall, const actuate::ActuatorView& router,
                            const actuate::WritesEnded& writes);

  private:
    void add_sample(const probe::SlotResult& sample);
    void add_direction(std::size_t side, const SlotFacts& facts);
    void add_law(const Decision& decision);
    void add_router(const actuate::ActuatorView& router, SteadyTime now);
    void add_writes(const actuate::WritesEnded& writes);

    CycleRecord record_;
};

}  // namespace wanctl::autorate
