// Where segments live and what they are called. The directory's listing is the registry: no shared
// list, no shared lock.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "common/error.hpp"

namespace wanctl::shm {

inline constexpr std::string_view kDirectory = "/dev/shm";
inline constexpr std::string_view kPrefix = "wanctl.";

// A segment's name is its WAN's ("cable") or "steering": [a-z0-9_-], 1 to 31 characters.
[[nodiscard]] bool valid_name(std::string_view name);

// "cable" -> "wanctl.cable", as shm_open wants it (without the slash that Boost adds).
[[nodiscard]] std::string object_name(std::string_view name);
[[nodiscard]] std::string object_path(std::string_view name);
// What a segment is called until it is complete; no valid name leads to it.
[[nodiscard]] std::string unfinished_object_name(std::string_view name);
// Held by the writer of that name for its whole life.
[[nodiscard]] std::string lock_path(std::string_view name);

// The names of all segments, sorted; unfinished ones and locks are left out.
[[nodiscard]] Result<std::vector<std::string>> list_segments();

}  // namespace wanctl::shm
