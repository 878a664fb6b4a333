// From the daemons' records to what a history keeps of them.
#pragma once

#include <cstdint>
#include <optional>

#include "common/history/batch.hpp"
#include "common/record/cycle_record.hpp"
#include "common/record/steering_record.hpp"

namespace wanctl::history {

// Records in order; what changed between two of them is told where the later one is.
class CycleRows {
  public:
    using Record = CycleRecord;
    void add(const CycleRecord& record, Batch& to);

  private:
    std::optional<bool> router_there_;
};

class SteeringRows {
  public:
    using Record = SteeringRecord;
    void add(const SteeringRecord& record, Batch& to);

  private:
    std::optional<std::uint8_t> state_;
    std::int64_t before_ns_ = 0;  // the record's time, 0 before the first

    [[nodiscard]] std::int64_t span_us(const SteeringRecord& record);
};

}  // namespace wanctl::history
