// What one record of a line's ring, or one row of a recording, tells the decider.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "common/record/states.hpp"
#include "common/record/steering_states.hpp"
#include "common/units.hpp"

namespace wanctl::steering {

struct QueueState {
    std::int32_t drops = 0;    // since the reading before
    std::int32_t packets = 0;  // waiting at this reading
};

// One reading of a line's queues by its router.
struct QueueReading {
    SteadyTime at{};
    QueueState worse;  // of the two directions, each figure by itself
    // [Direction]; nothing when the source tells only the worse.
    std::optional<std::array<QueueState, 2>> direction;
};

struct LineReading {
    SteadyTime at{};   // of the slot's close
    Nanos interval{};  // the slot's length
    MeasurementState measurement = MeasurementState::fresh;
    std::optional<Nanos> delta;                         // a new sample of RTT above the baseline
    std::optional<Zone> zone;                           // the worse of the line's own two
    std::array<std::optional<Zone>, 2> direction_zone;  // [Direction]
    std::optional<QueueReading> queue;                  // one that was not told before
    std::optional<Assessment> assessed;  // of a recording that holds it; else it is made here
    bool restarted = false;              // the first of another writer
};

}  // namespace wanctl::steering
