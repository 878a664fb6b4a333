#include "shm/wait.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <ctime>

namespace wanctl::shm {

// Never FUTEX_PRIVATE_FLAG: sleeper and waker have the word at different addresses in different
// processes, and std::atomic::wait, which sets that flag in libstdc++, would sleep for ever.

WaitResult wait_doorbell(const std::uint32_t* word, std::uint32_t seen, Nanos timeout) {
    const std::int64_t left = std::max<std::int64_t>(timeout.count(), 0);
    timespec relative{};
    relative.tv_sec = static_cast<time_t>(left / 1'000'000'000);
    relative.tv_nsec = static_cast<long>(left % 1'000'000'000);
    if (::syscall(SYS_futex, word, FUTEX_WAIT, seen, &relative, nullptr, 0) == 0) {
        return WaitResult::rung;
    }
    switch (errno) {
        case ETIMEDOUT:
            return WaitResult::timed_out;
        case EINTR:
            return WaitResult::interrupted;
        default:
            return WaitResult::rung;
    }
}

void wake_doorbell(std::uint32_t* word) {
    ::syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace wanctl::shm
