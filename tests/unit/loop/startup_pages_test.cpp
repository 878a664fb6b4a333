#include "common/loop/startup_pages.hpp"

#include <fstream>
#include <string>

#include "tests/support/catch.hpp"

namespace {

// Pages that this process has mapped of files, in kB.
long file_kb() {
    std::ifstream status("/proc/self/status");
    std::string word;
    while (status >> word) {
        if (word != "RssFile:") continue;
        long kb = -1;
        status >> kb;
        return kb;
    }
    return -1;
}

// Lives in a page that relocation has written to and that is read-only since.
const char* const kTexts[] = {"one", "two"};

}  // namespace

TEST_CASE("code and constants of the start are given back, and the program goes on") {
    const long before = file_kb();
    REQUIRE(before > 0);
    wanctl::release_startup_pages();
    const long after = file_kb();
    CHECK(after < before / 2);
    const volatile int index = 1;
    CHECK(std::string(kTexts[index]) == "two");
    CHECK_THROWS_AS(std::stoi("no number"), std::invalid_argument);
}
