#include "tests/sim/line/line_options.hpp"

#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::sim;

TEST_CASE("a line takes the common options and its own") {
    LineOptions options;
    options.base_rtt_ms = 30;
    options.flows_down = 2;
    options.generator = "demo";
    options.lines = {"name=cable,download=WAN-DL,upload=WAN-UL",
                     "capacity=20/5,fifo-ms=100,flows-down=4"};
    const auto lines = make_lines(options);
    REQUIRE(lines);
    REQUIRE(lines->size() == 2);
    CHECK((*lines)[0].name == "cable");
    CHECK((*lines)[0].download_queue == "WAN-DL");
    CHECK((*lines)[0].spec.capacity.points().size() > 1);
    CHECK((*lines)[0].spec.flows[0].size() == 2);
    CHECK((*lines)[1].name == "wan1");
    CHECK((*lines)[1].spec.capacity.points()[0].upload == 5_mbit);
    CHECK((*lines)[1].spec.fifo == std::chrono::milliseconds(100));
    CHECK((*lines)[1].spec.base_rtt == std::chrono::milliseconds(30));
    CHECK((*lines)[1].spec.flows[0].size() == 4);
}

TEST_CASE("a line that cannot be built is refused by name") {
    const auto error = [](const std::string& spec) {
        LineOptions options;
        options.lines = {spec};
        const auto lines = make_lines(options);
        return lines ? std::string() : lines.error().message;
    };
    CHECK(error("capacity=20").find("20") != std::string::npos);
    CHECK(error("loss=2").find("loss=2") != std::string::npos);
    CHECK(error("flows-down=9").find("flows-down") != std::string::npos);
    CHECK(error("speed=9").find("speed") != std::string::npos);
    CHECK(error("cable").find("cable") != std::string::npos);
    CHECK(error("generator=wild").find("wild") != std::string::npos);
    LineOptions bare;
    bare.tun = true;
    CHECK_FALSE(make_lines(bare));
    bare.lines = {"name=a", "name=a"};
    CHECK_FALSE(make_lines(bare));
}
