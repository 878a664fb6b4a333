// A queue with no line behind it: it accepts every limit and never sees a packet.
#pragma once

#include "tests/sim/queue_port.hpp"

namespace wanctl::sim {

class IdlePort final : public QueuePort {
  public:
    void set_limit(Rate, Ratio) override {}
    [[nodiscard]] QueueCounters counters() const override { return {}; }
    void reset_counters() override {}
};

}  // namespace wanctl::sim
