// What the ring under steering's own name tells of the daemon before.
#pragma once

#include <optional>
#include <string_view>

#include "common/record/steering_states.hpp"
#include "common/units.hpp"

namespace wanctl::steering {

inline constexpr std::string_view kSegmentName = "steering";

struct Predecessor {
    SteeringState state = SteeringState::good;
    SteadyTime since{};                       // of the state
    std::optional<SteadyTime> toggled_at;     // its last own decision to switch the rule
    std::optional<SteadyTime> penalty_until;  // against flapping
};

// What its last record says, if it is of this boot, of a user to be believed, of a daemon that
// wrote to the router if `dry_run` is false (that did not if it is true), and of one that knew the
// rule or had decided. To be asked before the new segment takes the name.
[[nodiscard]] std::optional<Predecessor> last_record(SteadyTime now, bool dry_run,
                                                     std::string_view name = kSegmentName);

}  // namespace wanctl::steering
