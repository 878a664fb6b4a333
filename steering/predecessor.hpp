// What the ring under steering's own name tells of the daemon before.
#pragma once

#include <optional>
#include <string_view>

#include "common/units.hpp"

namespace wanctl::steering {

inline constexpr std::string_view kSegmentName = "steering";

// Since when it steered, if its last record says so: of this boot, and of a user to be believed.
// To be asked before the new segment takes the name.
[[nodiscard]] std::optional<SteadyTime> steered_since(SteadyTime now,
                                                      std::string_view name = kSegmentName);

}  // namespace wanctl::steering
