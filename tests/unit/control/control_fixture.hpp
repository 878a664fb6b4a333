// A cable line's configuration for tests of the law.
#pragma once

#include "common/config/autorate_config.hpp"

namespace wanctl {

// 940/38 Mbit/s, baseline 25 ms, thresholds 15/45/80 ms, every mend off.
AutorateConfig cable_config(std::chrono::milliseconds interval = std::chrono::milliseconds(50));

}  // namespace wanctl
