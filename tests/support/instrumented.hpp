// Whether a sanitizer is compiled in: its runtime costs a multiple of the time and makes system
// calls of its own, so bounds on those hold without one only.
#pragma once

namespace wanctl::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kInstrumented = true;
#else
constexpr bool kInstrumented = false;
#endif

}  // namespace wanctl::test
