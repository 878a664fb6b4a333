// A small text file, read whole.
#pragma once

#include <cstddef>
#include <string>

#include "common/error.hpp"

namespace wanctl::config {

inline constexpr std::size_t kLargestConfigFile = 1U << 20U;

// Regular files only: never waits for a pipe or device. The message does not repeat the path.
[[nodiscard]] Result<std::string> read_small_file(const std::string& path, std::size_t largest);

}  // namespace wanctl::config
