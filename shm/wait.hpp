// Sleeping on a segment's doorbell and waking those who sleep. Works between processes and on
// read-only mappings.
#pragma once

#include <cstdint>

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

// Wakes every sleeper. One system call; no list of readers exists.
void wake_doorbell(std::uint32_t* word);

}  // namespace wanctl::shm
