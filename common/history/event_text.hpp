// The details of events as JSON.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "common/config/settings.hpp"
#include "common/history/batch.hpp"

namespace wanctl::history {

using JsonMembers = std::vector<std::pair<std::string, std::string>>;

// {"name":"text", ...}: always valid JSON, all values texts.
[[nodiscard]] std::string json_object(const JsonMembers& members);

// What a start or a reload is told with: the program's version and every setting in force, those
// that lead to a secret without their value.
[[nodiscard]] Event start_event(std::int64_t at_ms, std::string_view version,
                                std::span<const Setting> settings);
[[nodiscard]] Event reload_event(std::int64_t at_ms, std::span<const SettingChange> changes,
                                 std::span<const Setting> settings);
// `on_exit`: what the router was left with, as the configuration calls it.
[[nodiscard]] Event stop_event(std::int64_t at_ms, std::string_view on_exit);

}  // namespace wanctl::history
