#include "tests/sim/rest/property.hpp"

#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::sim;

TEST_CASE("a rate takes the decimal suffixes and nothing else") {
    CHECK(parse_rate("0") == 0);
    CHECK(parse_rate("85000000") == 85'000'000);
    CHECK(parse_rate("512k") == 512'000);
    CHECK(parse_rate("10M") == 10'000'000);
    CHECK(parse_rate("12G") == 12'000'000'000);
    for (const auto* text : {"", "M", "-1", "1.5M", "10m", "10MB", " 10", "1e6",
                             "9223372036854775808", "9223372036854775807k"}) {
        INFO(text);
        CHECK_FALSE(parse_rate(text).has_value());
    }
}

TEST_CASE("a duration is read in the router's forms and written in one") {
    const auto rewritten = [](const char* text) {
        const auto duration = parse_duration(text);
        return duration ? format_duration(*duration) : std::string("refused");
    };
    CHECK(rewritten("0s") == "0s");
    CHECK(rewritten("90") == "1m30s");
    CHECK(rewritten("1d7h44m20s") == "1d7h44m20s");
    CHECK(rewritten("100ms") == "100ms");
    CHECK(rewritten("1500ms") == "1s500ms");
    CHECK(rewritten("453us") == "453us");
    CHECK(rewritten("01:30:00") == "1h30m");
    for (const auto* text : {"", "s", "5x", "1h-3s", "99999999999w", "1:2:3:4"}) {
        INFO(text);
        CHECK(rewritten(text) == "refused");
    }
}

TEST_CASE("a flag is returned as true or false whichever word was sent") {
    const PropertySpec spec{.name = "disabled", .type = ValueType::flag};
    CHECK(normalised(spec, "yes") == "true");
    CHECK(normalised(spec, "false") == "false");
    CHECK(normalised(spec, "maybe").error().detail == "invalid value for argument disabled");
}

TEST_CASE("a number out of range is refused with the range") {
    const PropertySpec priority{.name = "priority", .type = ValueType::integer, .min = 1, .max = 8};
    CHECK(normalised(priority, "8") == "8");
    CHECK(normalised(priority, "9").error().detail == "value of priority out of range (1..8)");
    CHECK(normalised(priority, "high").error().detail == "invalid value for argument priority");
    const PropertySpec bucket{.name = "bucket-size", .type = ValueType::decimal, .max = 10};
    CHECK(normalised(bucket, "0.010") == "0.01");
    CHECK(normalised(bucket, "10.5").error().detail == "value of bucket-size out of range (0..10)");
}

TEST_CASE("an id is an asterisk and upper-case hexadecimal") {
    CHECK(format_id(0) == "*0");
    CHECK(format_id(0x1000000) == "*1000000");
    CHECK(format_id(0xFFFFFFFA) == "*FFFFFFFA");
}
