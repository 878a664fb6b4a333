// Whether the configured names of the lines are those of rings. Pure, but for check_ring_names().
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/config/steering_config.hpp"
#include "common/record/steering_record.hpp"

namespace wanctl::steering {

// What is wrong with a line's name, given the names of all rings: others are there, but not this
// one. An alternate that need not have a ring is wrong only if there is one that no key names.
// Nothing when no other ring is there either: wanctl-autorate may still be to start.
[[nodiscard]] std::optional<std::string> name_mismatch(const SteeringConfig& config, SteeredWan wan,
                                                       const std::vector<std::string>& rings);

// The mismatches of both lines with the rings that are there now.
[[nodiscard]] std::vector<std::string> check_ring_names(const SteeringConfig& config);

}  // namespace wanctl::steering
