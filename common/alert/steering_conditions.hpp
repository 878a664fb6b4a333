// What of steering's record is worth an alert. Pure: a few comparisons, nothing on the heap.
//
// steering_on: the rule leads to the alternate. steering_refused: it would, but the alternate
// cannot take it, or the router has no such rule, several, or refused the change. flapping: toggled
// so often that the threshold is raised for a while. Before the rule was read once, steering_on and
// steering_refused are unknown where they do not hold; steering_refused also while it is not known
// whether steering is wanted: until the primary was seen for kSettles, while its congestion has not
// lasted yet, and while a change of the rule is on its way.
#pragma once

#include <optional>

#include "common/alert/conditions.hpp"
#include "common/record/steering_record.hpp"

namespace wanctl::alert {

class SteeringConditions {
  public:
    // A score is complete by then: it takes several readings of the queues.
    static constexpr Nanos kSettles = std::chrono::seconds(5);

    [[nodiscard]] const Conditions& look(const SteeringRecord& record,
                                         const HistoryHealth& history);

  private:
    [[nodiscard]] Condition refused(const SteeringRecord& record);

    std::optional<SteadyTime> seen_;  // the primary, at first
    HistoryWatch history_;
    Conditions conditions_;
};

}  // namespace wanctl::alert
