#include "steering/decide/queue_difference.hpp"

#include <algorithm>
#include <limits>

namespace wanctl::steering {

namespace {

// The same reading, told again, seems to move by what a record's two looks at the clock differ.
constexpr Nanos kSameReading = std::chrono::milliseconds(5);

std::int32_t clamped(std::uint64_t value) {
    constexpr std::uint64_t kMost = std::numeric_limits<std::int32_t>::max();
    return static_cast<std::int32_t>(std::min(value, kMost));
}

}  // namespace

bool QueueDifference::take_side(Side& side, const QueueRecord& queue, SteadyTime recorded) {
    if (queue.age_ns == kUnknownNs) return false;
    const SteadyTime at = recorded - Nanos(queue.age_ns);
    if (side.at && at - *side.at <= kSameReading) return false;
    // A counter that went back was reset: there is no difference to tell.
    if (side.at && queue.dropped >= side.dropped) {
        side.state =
            QueueState{clamped(queue.dropped - side.dropped), clamped(queue.queued_packets)};
    } else {
        side.state.reset();
    }
    side.at = at;
    side.dropped = queue.dropped;
    return true;
}

std::optional<QueueReading> QueueDifference::take(const CycleRecord& record) {
    const SteadyTime recorded{Nanos(record.mono_ns)};
    bool fresh = false;
    for (std::size_t i = 0; i < sides_.size(); ++i) {
        fresh = take_side(sides_[i], record.queue[i], recorded) || fresh;
    }
    if (!fresh || (!sides_[0].state && !sides_[1].state)) return std::nullopt;
    const QueueState download = sides_[0].state.value_or(QueueState{});
    const QueueState upload = sides_[1].state.value_or(QueueState{});
    const SteadyTime at =
        std::max(sides_[0].at.value_or(SteadyTime{}), sides_[1].at.value_or(SteadyTime{}));
    return QueueReading{
        at,
        {std::max(download.drops, upload.drops), std::max(download.packets, upload.packets)},
        std::array{download, upload}};
}

}  // namespace wanctl::steering
