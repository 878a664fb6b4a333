#include "steering/predecessor.hpp"

#include "common/record/steering_checks.hpp"
#include "common/record/steering_fields.hpp"
#include "common/record/steering_states.hpp"
#include "shm/segment_reader.hpp"

namespace wanctl::steering {

std::optional<SteadyTime> steered_since(SteadyTime now, std::string_view name) {
    const auto reader = shm::SegmentReader<SteeringRecord>::attach(name, steering_abi(),
                                                                   {shm::own_and_root(), {}, {}});
    if (!reader || !reader->this_boot()) return std::nullopt;
    SteeringRecord record;
    std::uint64_t number = 0;
    if (reader->read_newest(record, number) != shm::ReadStatus::ok) return std::nullopt;
    if (!first_fault(record, now).empty()) return std::nullopt;
    // Under dry_run nothing of it reached the router.
    if ((record.flags & kSteeringDryRun) != 0) return std::nullopt;
    if (record.state != static_cast<std::uint8_t>(SteeringState::degraded)) return std::nullopt;
    if (record.last_action != static_cast<std::uint8_t>(SteeringAction::enable) ||
        record.last_at_ns == kUnknownNs)
        return std::nullopt;
    return SteadyTime(Nanos(record.last_at_ns));
}

}  // namespace wanctl::steering
