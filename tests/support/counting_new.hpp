// Counts the allocations of this test program.
#pragma once

#include <cstdint>

namespace wanctl::test {

// Calls of operator new since the start of the program, all threads.
[[nodiscard]] std::uint64_t allocations();

}  // namespace wanctl::test
