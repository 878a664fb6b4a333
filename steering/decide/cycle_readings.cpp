#include "steering/decide/cycle_readings.hpp"

#include <algorithm>

namespace wanctl::steering {

void CycleReadings::restart() {
    queues_ = QueueDifference();
    restarted_ = true;
}

LineReading CycleReadings::take(const CycleRecord& record) {
    LineReading reading;
    reading.at = SteadyTime{Nanos(record.mono_ns)};
    reading.interval = Nanos(record.interval_ns);
    reading.measurement = static_cast<MeasurementState>(record.measurement);
    if (record.fresh != 0) reading.delta = Nanos(record.delta_ns);
    for (std::size_t i = 0; i < reading.direction_zone.size(); ++i) {
        reading.direction_zone[i] = static_cast<Zone>(record.direction[i].zone);
    }
    reading.zone = std::max(*reading.direction_zone[0], *reading.direction_zone[1]);
    reading.queue = queues_.take(record);
    reading.restarted = restarted_;
    restarted_ = false;
    return reading;
}

}  // namespace wanctl::steering
