#include "steering/predecessor.hpp"

#include <algorithm>

#include "common/record/steering_checks.hpp"
#include "common/record/steering_fields.hpp"
#include "shm/segment_reader.hpp"

namespace wanctl::steering {

namespace {

// Adopting a rule, putting it right and leaving it at the end are no decisions of the policy.
bool decided(const SteeringRecord& record) {
    const auto why = static_cast<SteeringReason>(record.last_reason);
    return record.last_action != static_cast<std::uint8_t>(SteeringAction::none) &&
           record.last_at_ns != kUnknownNs && why != SteeringReason::adopted &&
           why != SteeringReason::restored && why != SteeringReason::exit;
}

}  // namespace

std::optional<Predecessor> last_record(SteadyTime now, bool dry_run, std::string_view name) {
    const auto reader = shm::SegmentReader<SteeringRecord>::attach(name, steering_abi(),
                                                                   {shm::own_and_root(), {}, {}});
    if (!reader || !reader->this_boot()) return std::nullopt;
    SteeringRecord record;
    std::uint64_t number = 0;
    if (reader->read_newest(record, number) != shm::ReadStatus::ok) return std::nullopt;
    if (!first_fault(record, now).empty()) return std::nullopt;
    if (((record.flags & kSteeringDryRun) != 0) != dry_run) return std::nullopt;
    const bool knew = record.rule_read != static_cast<std::uint8_t>(RuleState::unknown) ||
                      record.last_action != static_cast<std::uint8_t>(SteeringAction::none);
    if (!knew || record.state_since_ns == kUnknownNs) return std::nullopt;
    const auto moment = [now](std::int64_t ns) { return std::min(SteadyTime(Nanos(ns)), now); };
    Predecessor found;
    found.state = static_cast<SteeringState>(record.state);
    found.since = moment(record.state_since_ns);
    if (decided(record)) found.toggled_at = moment(record.last_at_ns);
    const std::uint32_t left =
        record.timer_left_us[static_cast<std::size_t>(SteeringTimer::flap_penalty)];
    if (left != kNoTimer) found.penalty_until = moment(record.mono_ns) + Micros(left);
    return found;
}

}  // namespace wanctl::steering
