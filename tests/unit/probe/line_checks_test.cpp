#include "autorate/probe/line_checks.hpp"

#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/private_network.hpp"

using namespace wanctl;
using namespace wanctl::probe;
using namespace wanctl::test;

namespace {

namespace asio = boost::asio;

struct ChecksOnLoopback {
    SystemClock clock;
    asio::io_context loop{1};
    asio::ip::tcp::acceptor listener{
        loop, {asio::ip::make_address("127.0.0.7"), 0}};  // never accepts; the kernel does
    std::unique_ptr<LineChecks> checks;
    std::vector<CheckOutcome> outcomes;

    explicit ChecksOnLoopback(std::string gateway, std::vector<std::string> more = {}) {
        FallbackConfig config;
        config.gateway = std::move(gateway);
        config.tcp_targets = {"127.0.0.7:" + std::to_string(listener.local_endpoint().port())};
        config.tcp_targets.insert(config.tcp_targets.end(), more.begin(), more.end());
        const auto targets = parse_targets(config);
        REQUIRE(targets);
        auto opened = LineChecks::open(loop, clock, *targets, {});
        if (!opened) FAIL(opened.error().message);
        checks = std::move(*opened);
    }
    void round() {
        const auto before = outcomes.size();
        checks->begin([this](const CheckOutcome& outcome) { outcomes.push_back(outcome); });
        CHECK(outcomes.size() == before);  // from the loop, not from within
        loop.restart();
        loop.run_for(std::chrono::seconds(20));
        REQUIRE(outcomes.size() == before + 1);
    }
};

}  // namespace

TEST_CASE("a round measures the gateway and the targets that accept, and says who did not") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    // A port where nobody listens, and an address without a route.
    ChecksOnLoopback rig("127.0.0.9", {"127.0.0.8:1", "198.18.0.1:443"});
    for (int i = 0; i < 3; ++i) {
        rig.round();
        const CheckOutcome& outcome = rig.outcomes.back();
        REQUIRE(outcome.gateway);
        CHECK(*outcome.gateway > Nanos::zero());
        REQUIRE(outcome.tcp[0]);
        CHECK(*outcome.tcp[0] > Nanos::zero());
        CHECK_FALSE(outcome.tcp[1]);
        CHECK_FALSE(outcome.tcp[2]);
    }
}

TEST_CASE("a round ends after its patience when the gateway is silent") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    const Silence silence;
    ChecksOnLoopback rig("127.0.0.9");
    rig.round();
    CHECK_FALSE(rig.outcomes.back().gateway);
    CHECK(rig.outcomes.back().tcp[0]);
}

TEST_CASE("checks may go in the middle of a round") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    ChecksOnLoopback rig("127.0.0.9");
    rig.checks->begin([&](const CheckOutcome& outcome) { rig.outcomes.push_back(outcome); });
    rig.checks.reset();
    rig.loop.run_for(std::chrono::seconds(20));
    CHECK(rig.loop.stopped());
    CHECK(rig.outcomes.empty());
}

TEST_CASE("targets that are none are refused by name") {
    FallbackConfig config;
    config.tcp_targets = {"198.18.0.1"};
    CHECK_THAT(parse_targets(config).error().message, Catch::Contains("198.18.0.1"));
    config.tcp_targets = {"198.18.0.1:0"};
    CHECK_FALSE(parse_targets(config));
    config.tcp_targets.assign(9, "198.18.0.1:443");
    CHECK_THAT(parse_targets(config).error().message, Catch::Contains("9"));
    config.tcp_targets.clear();
    config.gateway = "gateway";
    CHECK_THAT(parse_targets(config).error().message, Catch::Contains("\"gateway\""));
}
