// What the log hears of the lines' rings: each change once.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "common/config/steering_config.hpp"
#include "common/log/log.hpp"
#include "common/record/steering_record.hpp"
#include "steering/sources/line_watch.hpp"

namespace wanctl::steering {

// What is named outlives it.
class LineTeller {
  public:
    LineTeller(Log& log, LineWatch& lines) : log_(log), lines_(lines) {}

    struct Changes {
        bool any = false;      // something was told
        unsigned counted = 0;  // a start finds a ring, or a missing one; neither is a change
    };
    // After a decision: what the rings were to it, by SteeredWan.
    Changes tell(const std::array<SourceState, 2>& now_in);

    // Now and then: records that were missed; a name that has been no ring's for a while, although
    // other rings are there.
    void look(SteadyTime now, const SteeringConfig& config);

  private:
    struct Told {
        std::optional<SourceState> source;
        std::uint64_t restarts = 0;
        std::optional<SteadyTime> absent_since;
        bool mismatch = false;  // told since it is absent
    };

    void tell_missed(SteadyTime now);

    Log& log_;
    LineWatch& lines_;
    std::array<Told, 2> told_;  // [SteeredWan]
    std::uint64_t told_missed_ = 0;
    std::optional<SteadyTime> told_missed_at_;
};

}  // namespace wanctl::steering
