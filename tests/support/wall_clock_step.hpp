// How a test sets the wall clock of one program: a small file that both have mapped, the program
// through wall_clock_shim.cpp. The machine's own clock is left alone.
#pragma once

#include <atomic>
#include <cstdint>

namespace wanctl::test {

inline constexpr auto kWallClockVariable = "WANCTL_TEST_WALL_CLOCK";  // the file

// What the machine's clock reads before `at_ns` is moved by `before_ns`, later readings by
// `after_ns`: a stamp that the kernel took before the step and the program reads after it stays as
// it was. Whoever steps makes both equal first.
struct WallClockStep {
    std::atomic<std::int64_t> before_ns{0};
    std::atomic<std::int64_t> after_ns{0};
    std::atomic<std::int64_t> at_ns{0};  // by the machine's clock
};
static_assert(std::atomic<std::int64_t>::is_always_lock_free);

}  // namespace wanctl::test
