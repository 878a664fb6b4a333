// Sleeping on a segment's doorbell and waking those who sleep. Works between processes and on
// read-only mappings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "common/units.hpp"

namespace wanctl::shm {

enum class WaitResult : std::uint8_t {
    rung,  // the word is no longer `seen`: look again
    timed_out,
    interrupted,  // a signal came
};

// Sleeps while the word equals `seen`, at most `timeout`. Load the word before looking at the ring:
// then a ring in between returns at once. May return `rung` without cause; the caller looks and
// waits again.
[[nodiscard]] WaitResult wait_doorbell(const std::uint32_t* word, std::uint32_t seen,
                                       Nanos timeout);

// A doorbell and the value of it that has been dealt with.
struct Doorbell {
    const std::uint32_t* word = nullptr;
    std::uint32_t seen = 0;
};

inline constexpr std::size_t kMaxDoorbells = 128;

// The same for several words at once, of one segment or of several: sleeps while every one equals
// what was seen of it. With none it sleeps for `timeout` (a day at most); words beyond
// kMaxDoorbells are not looked at. A kernel without futex_waitv (Linux before 5.16, or a container
// that forbids it) is made up for by looking every few milliseconds.
[[nodiscard]] WaitResult wait_any(std::span<const Doorbell> doorbells, Nanos timeout);

// Wakes every sleeper. One system call; no list of readers exists.
void wake_doorbell(std::uint32_t* word);

}  // namespace wanctl::shm
