// Waiting for a condition instead of for a time.
#pragma once

#include <chrono>
#include <functional>

namespace wanctl::test {

inline constexpr std::chrono::milliseconds kPatience{20'000};

// Whether the condition came true before the deadline; it is asked every few milliseconds, and at
// least once.
[[nodiscard]] bool wait_until(const std::function<bool()>& condition,
                              std::chrono::milliseconds deadline = kPatience);

}  // namespace wanctl::test
