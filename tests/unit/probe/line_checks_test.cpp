#include "autorate/probe/line_checks.hpp"

#include <map>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/private_network.hpp"

using namespace wanctl;
using namespace wanctl::probe;
using namespace wanctl::test;

namespace {

namespace asio = boost::asio;

// Listens on a free port of its own; never accepts, for the kernel does.
struct Listener {
    explicit Listener(asio::io_context& loop, const char* address = "127.0.0.7", int port = 0)
        : acceptor(loop, {asio::ip::make_address(address), static_cast<std::uint16_t>(port)}) {}

    asio::ip::tcp::acceptor acceptor;
    [[nodiscard]] std::string port() const {
        return std::to_string(acceptor.local_endpoint().port());
    }
};

struct ChecksOnLoopback {
    SystemClock clock;
    asio::io_context loop{1};
    Listener listener{loop};
    std::unique_ptr<LineChecks> checks;
    std::vector<CheckOutcome> outcomes;
    // What names stand for, and what was asked and told.
    std::map<std::string, std::vector<IpAddress>> known;
    std::vector<std::string> asked;
    std::vector<std::string> told;

    // "LISTENER" in a target stands for the listener's address and port.
    ChecksOnLoopback(std::string gateway, std::vector<std::string> targets,
                     const SocketSettings& socket = {}) {
        FallbackConfig config;
        config.gateway = std::move(gateway);
        for (std::string& target : targets) {
            if (target == "LISTENER") target = "127.0.0.7:" + listener.port();
        }
        config.tcp_targets = std::move(targets);
        const auto parsed = parse_targets(config);
        REQUIRE(parsed);
        auto opened = LineChecks::open(
            loop, clock, *parsed, socket, [this](const std::string& name, const LookedUp& done) {
                asked.push_back(name);
                asio::post(loop, [this, name, done] { done(known[name]); });
                return true;
            });
        if (!opened) FAIL(opened.error().message);
        checks = std::move(*opened);
        checks->on_notice([this](const Notice& notice) { told.push_back(notice.message); });
    }
    void run() {
        loop.restart();
        loop.run_for(std::chrono::seconds(20));
    }
    const CheckOutcome& round() {
        const auto before = outcomes.size();
        checks->begin([this](const CheckOutcome& outcome) { outcomes.push_back(outcome); });
        CHECK(outcomes.size() == before);  // from the loop, not from within
        run();
        REQUIRE(outcomes.size() == before + 1);
        return outcomes.back();
    }
    // As a slot's close does, `seconds` from now.
    void look_up(double seconds = 0) {
        checks->look_up_names(clock.steady() + from_ms(seconds * 1e3));
        run();
    }
};

constexpr IpAddress kLoopback2{Ipv4Address{0x7f000002}};
constexpr IpAddress kLoopback7{Ipv4Address{0x7f000007}};
constexpr IpAddress kSixth{0x20010db800000000, 6};

}  // namespace

TEST_CASE("a round measures the gateway and the targets that accept, and says who did not") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    // A port where nobody listens, and an address without a route.
    ChecksOnLoopback rig("127.0.0.9", {"LISTENER", "127.0.0.8:1", "198.18.0.1:443"});
    for (int i = 0; i < 3; ++i) {
        const CheckOutcome& outcome = rig.round();
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
    ChecksOnLoopback rig("127.0.0.9", {"LISTENER"});
    rig.round();
    CHECK_FALSE(rig.outcomes.back().gateway);
    CHECK(rig.outcomes.back().tcp[0]);
}

TEST_CASE("checks may go in the middle of a round") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    ChecksOnLoopback rig("127.0.0.9", {"LISTENER"});
    rig.checks->begin([&](const CheckOutcome& outcome) { rig.outcomes.push_back(outcome); });
    rig.checks.reset();
    rig.loop.run_for(std::chrono::seconds(20));
    CHECK(rig.loop.stopped());
    CHECK(rig.outcomes.empty());
}

TEST_CASE("a round without anything to ask ends as well") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    ChecksOnLoopback rig("gateway.example", {"one.example:443"});
    const CheckOutcome& outcome = rig.round();
    CHECK_FALSE(outcome.gateway);
    CHECK_FALSE(outcome.tcp[0]);
    CHECK(outcome.moved == 0);
}

TEST_CASE(
    "gateway and targets of both families are checked side by side, the source is its own's") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    if (!add_loopback_v6("2001:db8::6")) {
        WARN("skipped: no IPv6");
        return;
    }
    asio::io_context loop{1};
    const Listener sixth(loop, "2001:db8::6");
    SocketSettings from_v4;
    from_v4.source = kLoopback2;
    SocketSettings from_nowhere;
    from_nowhere.source = IpAddress(0x20010db800000000, 0x99);
    for (const bool bound : {true, false}) {
        CAPTURE(bound);
        ChecksOnLoopback rig("2001:db8::6", {"LISTENER", "[2001:db8::6]:" + sixth.port()},
                             bound ? from_v4 : SocketSettings{});
        const CheckOutcome& outcome = rig.round();
        CHECK(outcome.gateway);
        CHECK(outcome.tcp[0]);
        CHECK(outcome.tcp[1]);
    }
    // A source that is not there stops the checks of its family alone.
    ChecksOnLoopback rig("127.0.0.9", {"LISTENER", "[2001:db8::6]:" + sixth.port()}, from_nowhere);
    const CheckOutcome& outcome = rig.round();
    CHECK(outcome.gateway);
    CHECK(outcome.tcp[0]);
    CHECK_FALSE(outcome.tcp[1]);
}

TEST_CASE("names are looked up until they are known, and asked from then on") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    ChecksOnLoopback rig("gateway.example", {});
    rig.look_up();
    CHECK(rig.told == std::vector<std::string>{
                          "gateway.example: no address is known for this name; asked again"});
    CHECK_FALSE(rig.round().gateway);
    rig.look_up(0.5);  // too soon
    CHECK(rig.asked.size() == 1);
    rig.known["gateway.example"] = {kLoopback2};
    rig.look_up(2);
    CHECK(rig.told.back() == "gateway.example: is at 127.0.0.2");
    CHECK(rig.round().gateway);
    rig.look_up(3600);  // it answers: nothing to look up
    CHECK(rig.asked.size() == 2);
}

TEST_CASE(
    "a target that fails is looked up again, and its old address asked on until the new one "
    "answers") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    ChecksOnLoopback rig("", {"LISTENER", "dns.example:1"});
    rig.known["dns.example"] = {kLoopback2};
    rig.look_up();
    CHECK_FALSE(rig.round().tcp[1]);  // nobody listens there
    // Another address that does not answer either, told once however often it is found.
    const IpAddress silent{Ipv4Address{0x7f000003}};
    rig.known["dns.example"] = {silent};
    rig.look_up(31);
    CHECK(rig.told.back() == "dns.example: is at 127.0.0.3");
    CHECK_FALSE(rig.round().tcp[1]);
    rig.look_up(62);
    CHECK(rig.told.size() == 2);
    // The old one comes to life: it still counts.
    {
        const Listener old(rig.loop, "127.0.0.2", 1);
        const CheckOutcome& outcome = rig.round();
        CHECK(outcome.tcp[1]);
        CHECK(outcome.moved == 0);
    }
    CHECK_FALSE(rig.round().tcp[1]);
    // The new one comes to life: it counts, and the old one is asked no more.
    {
        const Listener fresh(rig.loop, "127.0.0.3", 1);
        const CheckOutcome& outcome = rig.round();
        CHECK(outcome.tcp[1]);
        CHECK(outcome.moved == 0b10);
        CHECK(rig.round().moved == 0);
    }
    const Listener old(rig.loop, "127.0.0.2", 1);
    CHECK_FALSE(rig.round().tcp[1]);
}

TEST_CASE("a gateway that moved to another family is asked there") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    if (!add_loopback_v6("2001:db8::6")) {
        WARN("skipped: no IPv6");
        return;
    }
    ChecksOnLoopback rig("gateway.example", {});
    const IpAddress no_route{Ipv4Address{0xc6120001}};
    rig.known["gateway.example"] = {no_route};
    rig.look_up();
    CHECK_FALSE(rig.round().gateway);
    rig.known["gateway.example"] = {kSixth};
    rig.look_up(31);
    CHECK(rig.round().gateway);
    CHECK(rig.round().gateway);
    CHECK(rig.told.back() == "gateway.example: is at 2001:db8::6");
}

TEST_CASE("a lookup that ends after the checks is nobody's") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    ChecksOnLoopback rig("gateway.example", {"dns.example:443"});
    rig.known["gateway.example"] = {kLoopback7};
    rig.checks->look_up_names(rig.clock.steady());
    CHECK(rig.asked.size() == 2);
    rig.checks.reset();
    rig.run();
    CHECK(rig.told.empty());
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
    for (const char* bad : {"the gateway", "fe80::1", "198.18.0"}) {
        config.gateway = bad;
        CHECK_THAT(parse_targets(config).error().message, Catch::Contains(bad));
    }
}
