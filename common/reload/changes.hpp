// What two readings of a configuration differ in: whether a running daemon may take it over, and
// telling of it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/config/config_error.hpp"
#include "common/config/settings.hpp"
#include "common/log/log.hpp"

namespace wanctl {

// The changed keys that only a restart can bring about; `restart` names them, a section stands for
// all of its keys. One error naming them all, or none.
[[nodiscard]] ConfigErrors keys_that_need_restart(const std::string& file,
                                                  const std::vector<SettingChange>& changes,
                                                  std::span<const std::string_view> restart);

// One line for each change, without the value of a secret.
void tell_changes(const std::vector<SettingChange>& changes, Log& log);

}  // namespace wanctl
