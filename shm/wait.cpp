#include "shm/wait.hpp"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <ctime>

#include "common/clock.hpp"
#include "shm/atomics.hpp"

namespace wanctl::shm {
namespace {

// How long one of several doorbells may ring unheard on a kernel that cannot wait for all.
constexpr Nanos kTurn = std::chrono::milliseconds(5);

// Whoever asks for more is woken to ask again.
constexpr Nanos kLongest = std::chrono::hours(24);

timespec as_timespec(Nanos time) {
    const std::int64_t count = std::max<std::int64_t>(time.count(), 0);
    timespec result{};
    result.tv_sec = static_cast<time_t>(count / 1'000'000'000);
    result.tv_nsec = static_cast<long>(count % 1'000'000'000);
    return result;
}

WaitResult result_of(int code) {
    switch (code) {
        case ETIMEDOUT:
            return WaitResult::timed_out;
        case EINTR:
            return WaitResult::interrupted;
        default:
            return WaitResult::rung;
    }
}

bool any_rung(std::span<const Doorbell> doorbells) {
    return std::ranges::any_of(doorbells, [](const Doorbell& each) {
        return MappedAtomics::load_acquire(*each.word) != each.seen;
    });
}

WaitResult sleep_until(SteadyTime deadline) {
    const timespec until = as_timespec(deadline.time_since_epoch());
    const int code = ::clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, nullptr);
    return code == 0 ? WaitResult::timed_out : WaitResult::interrupted;
}

// On the first doorbell, with a look at the others every turn.
WaitResult wait_in_turns(std::span<const Doorbell> doorbells, SteadyTime deadline) {
    const SystemClock clock;
    for (;;) {
        const Nanos left = deadline - clock.steady();
        const WaitResult result =
            wait_doorbell(doorbells.front().word, doorbells.front().seen, std::min(left, kTurn));
        if (result != WaitResult::timed_out) return result;
        if (any_rung(doorbells)) return WaitResult::rung;
        if (left <= kTurn) return WaitResult::timed_out;
    }
}

}  // namespace

// Never FUTEX_PRIVATE_FLAG: sleeper and waker have the word at different addresses in different
// processes, and std::atomic::wait, which sets that flag in libstdc++, would sleep for ever.

WaitResult wait_doorbell(const std::uint32_t* word, std::uint32_t seen, Nanos timeout) {
    const timespec relative = as_timespec(timeout);
    const long result = ::syscall(SYS_futex, word, FUTEX_WAIT, seen, &relative, nullptr, 0);
    return result == 0 ? WaitResult::rung : result_of(errno);
}

WaitResult wait_any(std::span<const Doorbell> doorbells, Nanos timeout) {
    const SteadyTime deadline = SystemClock().steady() + std::clamp(timeout, Nanos(0), kLongest);
    doorbells = doorbells.first(std::min(doorbells.size(), kMaxDoorbells));
    if (doorbells.empty()) return sleep_until(deadline);

    std::array<futex_waitv, kMaxDoorbells> waiters{};
    for (std::size_t i = 0; i < doorbells.size(); ++i) {
        waiters[i].val = doorbells[i].seen;
        waiters[i].uaddr = reinterpret_cast<std::uintptr_t>(doorbells[i].word);
        waiters[i].flags = FUTEX_32;
    }
    const timespec until = as_timespec(deadline.time_since_epoch());
    if (::syscall(SYS_futex_waitv, waiters.data(), doorbells.size(), 0, &until, CLOCK_MONOTONIC) >=
        0) {
        return WaitResult::rung;
    }
    if (errno == ENOSYS || errno == EPERM) return wait_in_turns(doorbells, deadline);
    return result_of(errno);
}

void wake_doorbell(std::uint32_t* word) {
    ::syscall(SYS_futex, word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace wanctl::shm
