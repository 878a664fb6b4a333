// Which boot and which process wrote a segment: for display, and to tell a clock of another boot.
#pragma once

#include <array>
#include <cstdint>

namespace wanctl::shm {

// /proc/sys/kernel/random/boot_id; all zero where it cannot be read.
[[nodiscard]] std::array<std::uint8_t, 16> boot_id();

// Start time of the process in clock ticks since boot, field 22 of /proc/PID/stat; 0 when there is
// no such process. Pid and start time together name a process; a pid alone may have been reused.
[[nodiscard]] std::uint64_t start_ticks(std::int32_t pid);

}  // namespace wanctl::shm
