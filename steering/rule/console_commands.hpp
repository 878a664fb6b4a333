// RouterOS console commands that make the parts of a correct set-up, each one line to paste. Pure.
#pragma once

#include <string>
#include <string_view>

#include "steering/rule/setup_names.hpp"

namespace wanctl::steering {

// In quotes, with what the console would read in them escaped.
[[nodiscard]] std::string console_quoted(std::string_view text);

[[nodiscard]] std::string add_table(std::string_view table);
[[nodiscard]] std::string add_route(const SetupNames& names, std::string_view table);
// The rule that is toggled, disabled at first.
[[nodiscard]] std::string add_rule(const SetupNames& names);
// The rule that always leads the packets of marked connections to the table.
[[nodiscard]] std::string add_companion(const SetupNames& names, std::string_view mark,
                                        std::string_view table);

}  // namespace wanctl::steering
