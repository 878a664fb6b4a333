#include "tests/sim/line/capacity.hpp"

#include <set>

#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::sim;

TEST_CASE("a trace is read with comments and blanks, and repeats") {
    const auto trace =
        CapacityTrace::parse("# t down up\n0 50000 10000\n\n10, 20000 4000 # low\n", "t");
    REQUIRE(trace);
    CHECK(trace->period() == std::chrono::seconds(20));
    CHECK(trace->mean(Direction::download) == 35_mbit);
    CapacityCursor cursor(*trace);
    CHECK(cursor.at(std::chrono::milliseconds(9999)).download == 50_mbit);
    CHECK(cursor.at(std::chrono::seconds(10)).upload == 4_mbit);
    CHECK(cursor.at(std::chrono::seconds(41)).download == 50_mbit);
}

TEST_CASE("a bad trace is refused with its place") {
    const auto error = [](const char* text) {
        const auto trace = CapacityTrace::parse(text, "some.txt");
        return trace ? std::string() : trace.error().message;
    };
    CHECK(error("0 1 1\n1 2\n").find("some.txt:2:") == 0);
    CHECK(error("0 1 x\n").find("some.txt:1:") == 0);
    CHECK(error("0 1 nan\n").find("some.txt:1:") == 0);
    CHECK(error("0 -1 1\n").find("some.txt:1:") == 0);
    CHECK(error("1 1 1\n").find("begin at 0") != std::string::npos);
    CHECK(error("0 1 1\n5 1 1\n5 2 2\n").find("some.txt:3:") == 0);
    CHECK(error("# nothing\n").find("no line") != std::string::npos);
    CHECK(CapacityTrace::load("/nonexistent/trace").error().kind == ErrorKind::not_found);
    CHECK(CapacityTrace::generate("wild", 1).error().message.find("demo") != std::string::npos);
}

TEST_CASE("the demo's capacity steps in both directions at least every 15 s") {
    const auto trace = CapacityTrace::generate("demo", 1);
    REQUIRE(trace);
    const auto& points = trace->points();
    for (std::size_t i = 0; i < points.size(); ++i) {
        const auto& next = points[(i + 1) % points.size()];
        const Nanos end = i + 1 < points.size() ? next.at : trace->period();
        CHECK(end - points[i].at <= std::chrono::seconds(15));
        CHECK(points[i].download != next.download);
        CHECK(points[i].upload != next.upload);
        CHECK((points[i].download >= 20_mbit && points[i].download <= 60_mbit));
        CHECK((points[i].upload >= 4_mbit && points[i].upload <= 12_mbit));
    }
}

TEST_CASE("generators give the same for the same seed and another for another") {
    for (const char* name : {"steps", "lte"}) {
        CHECK(CapacityTrace::generate(name, 7)->points() ==
              CapacityTrace::generate(name, 7)->points());
        CHECK(CapacityTrace::generate(name, 7)->points() !=
              CapacityTrace::generate(name, 8)->points());
    }
}
