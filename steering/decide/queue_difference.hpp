// Turns the cumulative counters of a line's queues, which every record repeats, into readings with
// the drops between them. Pure.
#pragma once

#include <optional>

#include "common/record/cycle_record.hpp"
#include "steering/decide/line_reading.hpp"

namespace wanctl::steering {

class QueueDifference {
  public:
    // A reading when the record brings one that is not yet known. The first one only primes: a
    // counter since the router's start is no difference.
    [[nodiscard]] std::optional<QueueReading> take(const CycleRecord& record);

  private:
    struct Side {
        std::optional<SteadyTime> at;
        std::uint64_t dropped = 0;
        std::optional<QueueState> state;
    };

    // True when the direction was read anew.
    bool take_side(Side& side, const QueueRecord& queue, SteadyTime recorded);

    std::array<Side, 2> sides_;  // [Direction]
};

}  // namespace wanctl::steering
