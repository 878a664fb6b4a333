// Turns the records of one line's ring into readings for the decider, one each. Pure.
#pragma once

#include "common/record/cycle_record.hpp"
#include "steering/decide/line_reading.hpp"
#include "steering/decide/queue_difference.hpp"

namespace wanctl::steering {

class CycleReadings {
  public:
    // The next record is another writer's: nothing of this one's counters goes on.
    void restart();

    // `record` is believable (first_fault() found nothing). Slots without an answer bring no delta:
    // a sample enters an average once.
    [[nodiscard]] LineReading take(const CycleRecord& record);

  private:
    QueueDifference queues_;
    bool restarted_ = false;
};

}  // namespace wanctl::steering
