#include "common/units.hpp"

#include "tests/support/catch.hpp"

using namespace wanctl;

TEST_CASE("a scaled rate truncates toward zero, as the reference law does") {
    CHECK(scaled(940_mbit, 0.96) == Rate{902'400'000});
    CHECK(scaled(Rate{831'651'840}, 0.96) == Rate{798'385'766});
}

TEST_CASE("milliseconds round to the nearest nanosecond") {
    CHECK(from_ms(15.0001) == Nanos(15'000'100));
    CHECK(from_ms(-0.0000004) == Nanos(0));
    CHECK(from_ms(-0.0000006) == Nanos(-1));
}
