// Reads a segment record by record for as long as it takes: sleeps on the doorbell, counts losses,
// moves to the successor when the writer restarts, says when it is gone.
#pragma once

#include <cstdint>
#include <string>

#include "common/clock.hpp"
#include "shm/inspect/segment_view.hpp"

namespace wanctl::inspect {

// What happened; told in this order.
class FollowerSink {
  public:
    virtual ~FollowerSink() = default;
    // False ends the following.
    [[nodiscard]] virtual bool on_record(std::uint64_t number, const CycleRecord& record) = 0;
    virtual void on_loss(std::uint64_t lost) = 0;
    // The writer's state is no longer what it was: hung, stopped, retired, dead, or live again.
    virtual void on_liveness(shm::Liveness liveness) = 0;
    virtual void on_restart(const shm::SegmentFacts& facts) = 0;
};

class Follower {
  public:
    using Cursor = shm::Cursor<CycleReader::ring>;

    Follower(std::string name, CycleReader reader, Cursor cursor, const Clock& clock)
        : name_(std::move(name)), reader_(std::move(reader)), cursor_(cursor), clock_(clock) {}

    // What is there now; false when the sink wants no more.
    bool drain(FollowerSink& sink);
    // Until the sink wants no more.
    void follow(FollowerSink& sink);

  private:
    void look_around(FollowerSink& sink);

    std::string name_;
    CycleReader reader_;
    Cursor cursor_;
    const Clock& clock_;
    shm::Liveness told_ = shm::Liveness::live;
};

}  // namespace wanctl::inspect
