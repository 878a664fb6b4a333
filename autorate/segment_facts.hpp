// From the configuration to the slow facts that a WAN's segment shows its readers.
#pragma once

#include "common/config/autorate_config.hpp"
#include "common/record/cycle_facts.hpp"
#include "common/units.hpp"

namespace wanctl::autorate {

// Names, bounds and addresses; no secret and no user. `wall` labels the moment.
[[nodiscard]] CycleFacts segment_facts(const AutorateConfig& config, WallTime wall);

}  // namespace wanctl::autorate
