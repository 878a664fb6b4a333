#include "tests/support/wait_until.hpp"

#include <thread>

namespace wanctl::test {

bool wait_until(const std::function<bool()>& condition, std::chrono::milliseconds deadline) {
    constexpr std::chrono::milliseconds kBetween{2};
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= end) return false;
        std::this_thread::sleep_for(kBetween);
    }
    return true;
}

}  // namespace wanctl::test
