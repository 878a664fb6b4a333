// Lines' configurations for tests of the law.
#pragma once

#include "common/config/autorate_config.hpp"

namespace wanctl {

// 940/38 Mbit/s, baseline 25 ms, thresholds 15/45/80 ms, every mend off.
AutorateConfig cable_config(std::chrono::milliseconds interval = std::chrono::milliseconds(50));

// For lines of about 20 to 60 Mbit/s down and 4 to 12 up, 20 ms away, every mend off.
AutorateConfig home_config(std::chrono::milliseconds interval = std::chrono::milliseconds(50));

// The mends of a file that names none: all but Hampel on.
ReferenceConfig every_mend();

}  // namespace wanctl
