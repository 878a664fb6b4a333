#include "common/routeros/system_resource.hpp"

#include "tests/support/catch.hpp"

using namespace wanctl::routeros;

TEST_CASE("the router's load and flash writes are read out of its own words") {
    const auto reading = read_resource(
        R"({"board-name":"RB5009","cpu-load":"37","write-sect-since-reboot":"5000000000"})");
    REQUIRE(reading);
    CHECK(reading->cpu_percent == 37);
    CHECK(reading->flash_sectors == 5'000'000'000U);
}

TEST_CASE("a figure this router does not have is absent, not zero") {
    const auto reading = read_resource(R"({"cpu-load":"0"})");
    REQUIRE(reading);
    CHECK(reading->cpu_percent == 0);
    CHECK_FALSE(reading->flash_sectors);
    REQUIRE(read_resource("{}"));
    CHECK_FALSE(read_resource("{}")->cpu_percent);
}

TEST_CASE("a load that cannot be is refused with the figure named") {
    for (const char* body :
         {R"({"cpu-load":"101"})", R"({"cpu-load":"-1"})", R"({"cpu-load":"7%"})",
          R"({"cpu-load":7})", R"([{"cpu-load":"1"},{"cpu-load":"2"}])", "[]", "{",
          R"({"write-sect-since-reboot":"99999999999999999999"})"}) {
        INFO(body);
        const auto reading = read_resource(body);
        REQUIRE_FALSE(reading);
        CHECK_FALSE(reading.error().message.empty());
    }
    CHECK(read_resource(R"({"cpu-load":"101"})").error().message.find("cpu-load") !=
          std::string::npos);
}
