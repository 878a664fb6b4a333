// What a fuzz target is: one function over any bytes, which libFuzzer calls millions of times and
// replay_main.cpp calls once for every file of the kept corpus.
//
// A target checks more than that nothing crashes: whatever must hold for every input goes through
// require(). It is deterministic, keeps nothing between two calls and does no I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace wanctl::fuzz {

// Ends the program, which both callers report together with the input.
inline void require(bool condition, const char* what) {
    if (condition) return;
    std::fprintf(stderr, "broken promise: %s\n", what);
    std::abort();
}

}  // namespace wanctl::fuzz
