// Quick counts or full ones? tests/run sets the variable to 0, tests/run --full to 1.
#pragma once

#include <cstdlib>
#include <string_view>

namespace wanctl::test {

[[nodiscard]] inline bool full_run() {
    const char* const asked = std::getenv("WANCTL_TEST_FULL");
    return asked != nullptr && std::string_view(asked) == "1";
}

}  // namespace wanctl::test
