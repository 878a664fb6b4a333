#include "shm/inspect/follower.hpp"

#include <utility>

namespace wanctl::inspect {
namespace {

// A dead writer rings no bell: this often the follower looks up by itself.
constexpr Nanos kLookAround = std::chrono::milliseconds(250);

}  // namespace

bool Follower::drain(FollowerSink& sink) {
    CycleRecord record{};
    for (;;) {
        const shm::CursorStep step = cursor_.next(record);
        if (step.status != shm::CursorStatus::record) return true;
        if (step.lost > 0) sink.on_loss(step.lost);
        if (!sink.on_record(step.number, record)) return false;
    }
}

void Follower::look_around(FollowerSink& sink) {
    const SteadyTime now = clock_.steady();
    const shm::Liveness liveness = reader_.liveness(now);
    if (liveness != told_) {
        sink.on_liveness(liveness);
        told_ = liveness;
    }
    if (reader_.reattach_reason(now) == shm::Reattach::no) return;
    // The old mapping stays until the new one has passed every check.
    auto successor = attach_any(name_);
    if (!successor || successor->same_instance(reader_)) return;
    reader_ = std::move(*successor);
    cursor_ = Cursor(reader_.records(), 0);
    told_ = reader_.liveness(now);
    sink.on_restart(reader_.facts());
}

void Follower::follow(FollowerSink& sink) {
    for (;;) {
        const std::uint32_t seen = reader_.doorbell();
        const std::uint64_t before = cursor_.position();
        if (!drain(sink)) return;
        if (cursor_.position() != before) continue;
        look_around(sink);
        // After a move to a successor the value is foreign to its doorbell: the wait returns at
        // once or in time.
        static_cast<void>(reader_.wait(seen, kLookAround));
    }
}

}  // namespace wanctl::inspect
