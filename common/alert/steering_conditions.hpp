// What of steering's record is worth an alert. Pure: a few comparisons, nothing on the heap.
//
// steering_on: the rule leads to the alternate. steering_refused: it would, but the alternate
// cannot take it, or the router has no such rule, several, or refused the change. flapping: toggled
// so often that the threshold is raised for a while. Before the rule was read once, steering_on and
// steering_refused are unknown where they do not hold.
#pragma once

#include "common/alert/conditions.hpp"
#include "common/record/steering_record.hpp"

namespace wanctl::alert {

class SteeringConditions {
  public:
    [[nodiscard]] const Conditions& look(const SteeringRecord& record,
                                         const HistoryHealth& history);

  private:
    HistoryWatch history_;
    Conditions conditions_;
};

}  // namespace wanctl::alert
