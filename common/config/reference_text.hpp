// The printed reference of a kind of file.
#pragma once

#include <string>

namespace wanctl {

// A valid TOML file with every key, its default, unit, range and meaning. What must be filled in
// stands as `#key = example` (no blank after #); everything else that starts with # is prose, and
// so are keys without effect in this version.
[[nodiscard]] std::string autorate_config_reference();
[[nodiscard]] std::string steering_config_reference();

}  // namespace wanctl
