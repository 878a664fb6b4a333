// Which boot a saved moment belongs to: steady times are comparable within one only.
#pragma once

#include <array>
#include <cstdint>

namespace wanctl {

using BootId = std::array<std::uint8_t, 16>;  // all zero: unknown

[[nodiscard]] inline bool same_boot(const BootId& a, const BootId& b) {
    return a == b && a != BootId{};
}

}  // namespace wanctl
