#include "steering/rule/rule_keeper.hpp"

#include <fmt/format.h>

#include <boost/asio/io_context.hpp>

#include "tests/support/catch.hpp"
#include "tests/unit/sim/manual_clock.hpp"
#include "tests/unit/steering/fake_client.hpp"

using namespace wanctl;
using namespace wanctl::steering;
using wanctl::routeros::Method;
using wanctl::routeros::TransportFault;
using wanctl::test::FakeClient;

namespace {

constexpr auto kComment = "ADAPTIVE: Steer latency-sensitive to WAN2";
constexpr Nanos kBeyondBackoff = std::chrono::seconds(5);

std::string rule(const std::string& id, bool enabled, const std::string& comment = kComment) {
    return fmt::format(R"({{".id":"{}","comment":"{}","disabled":"{}"}})", id, comment, !enabled);
}

std::string list(const std::string& mine) {
    return "[" + rule("*1", true, "other") + "," + mine + "]";
}

struct Bench : RuleListener {
    boost::asio::io_context loop;
    sim::ManualClock clock;
    FakeClient* router = nullptr;  // of the newest link
    std::shared_ptr<routeros::RouterLink> link = new_link();
    std::vector<RuleState> found;
    std::vector<ToggleEnded> ended;
    std::vector<std::string> notices;
    RuleKeeper keeper;

    explicit Bench(const RuleOptions& options = {.comment = kComment})
        : keeper(loop, clock, options, link) {
        clock.advance(std::chrono::hours(1));
        keeper.start(clock.steady(), *this);
    }
    std::shared_ptr<routeros::RouterLink> new_link() {
        return std::make_shared<routeros::RouterLink>(
            loop, clock,
            [this](routeros::RequestClient::Done done) {
                auto client = std::make_unique<FakeClient>(std::move(done));
                router = client.get();
                return client;
            },
            1);
    }
    void rule_found(RuleState state) override { found.push_back(state); }
    void toggle_ended(const ToggleEnded& toggle) override { ended.push_back(toggle); }
    void rule_notice(bool, const std::string& message) override { notices.push_back(message); }

    // The rule is read, *7, and disabled.
    void settle() {
        router->answer(200, list(rule("*7", false)));
        keeper.want(clock.steady(), RuleState::disabled);
    }
    void want(RuleState state) { keeper.want(clock.steady(), state); }
    void pass(Nanos time) {
        clock.advance(time);
        link->offer(clock.steady());
    }
    const test::SentRequest& last() const { return router->sent.back(); }
    std::size_t patches() const {
        std::size_t count = 0;
        for (const auto& request : router->sent) count += request.method == Method::patch ? 1 : 0;
        return count;
    }
};

}  // namespace

TEST_CASE("the rule is read first, and a wish goes out at once as one verified PATCH by its id") {
    Bench bench;
    REQUIRE(bench.router->sent.size() == 1);
    CHECK(bench.last().method == Method::get);
    CHECK(bench.last().path == "/rest/ip/firewall/mangle?.proplist=.id,comment,disabled");
    bench.settle();
    CHECK(bench.found == std::vector{RuleState::disabled});
    CHECK(bench.router->sent.size() == 1);
    bench.pass(std::chrono::seconds(2));
    bench.want(RuleState::enabled);
    REQUIRE(bench.router->sent.size() == 2);
    CHECK(bench.last().method == Method::patch);
    CHECK(bench.last().path == "/rest/ip/firewall/mangle/*7");
    CHECK(bench.last().body == R"({"disabled":"false"})");
    CHECK_FALSE(bench.last().may_connect);
    CHECK(bench.keeper.view().pending);
    bench.router->answer(200, rule("*7", true));
    REQUIRE(bench.ended.size() == 1);
    CHECK(bench.ended[0].outcome == WriteOutcome::applied);
    CHECK(bench.keeper.view().read == RuleState::enabled);
    CHECK_FALSE(bench.keeper.view().pending);
    bench.want(RuleState::disabled);
    CHECK(bench.last().body == R"({"disabled":"true"})");
}

TEST_CASE("no wish is written before the rule has been read, and the latest one counts") {
    Bench bench;
    bench.want(RuleState::enabled);
    bench.want(RuleState::disabled);
    bench.want(RuleState::enabled);
    CHECK(bench.patches() == 0);
    bench.router->answer(200, list(rule("*7", false)));
    CHECK(bench.patches() == 1);
    // Changed twice while the write is under way: nothing more is needed.
    bench.want(RuleState::disabled);
    bench.want(RuleState::enabled);
    bench.router->answer(200, rule("*7", true));
    CHECK(bench.patches() == 1);
}

TEST_CASE("a rule that was made anew is found again by its comment and written once") {
    Bench bench;
    bench.settle();
    bench.want(RuleState::enabled);
    bench.router->answer(404, R"({"error":404,"message":"Not Found"})");
    REQUIRE(bench.last().method == Method::get);
    bench.router->answer(200, list(rule("*A", false)));
    REQUIRE(bench.last().path == "/rest/ip/firewall/mangle/*A");
    bench.router->answer(200, rule("*A", true));
    CHECK(bench.ended.back().outcome == WriteOutcome::applied);
    CHECK(bench.patches() == 2);
}

TEST_CASE("a write whose answer never came is not written again when the router has it") {
    Bench bench;
    bench.settle();
    bench.want(RuleState::enabled);
    bench.router->fail(TransportFault::timed_out);
    CHECK(bench.ended.back().outcome == WriteOutcome::unreachable);
    bench.pass(kBeyondBackoff);
    REQUIRE(bench.last().method == Method::get);
    bench.router->answer(200, list(rule("*7", true)));
    CHECK(bench.patches() == 1);
    CHECK(bench.keeper.view().read == RuleState::enabled);
    CHECK(bench.keeper.counters().foreign_changes == 0);
}

TEST_CASE(
    "a write that was refused and done all the same leaves the router well once that is read") {
    Bench bench;
    bench.settle();
    bench.want(RuleState::enabled);
    bench.router->answer(400, R"({"error":400,"message":"Session closed"})");
    CHECK(bench.keeper.view().router == RouterState::failing);
    bench.pass(kBeyondBackoff);
    bench.router->answer(200, list(rule("*7", true)));
    CHECK(bench.keeper.view().router == RouterState::ok);
    CHECK_FALSE(bench.keeper.view().pending);
    CHECK(bench.patches() == 1);
}

TEST_CASE("a write for a connection that has ended is made after reading over another one") {
    Bench bench;
    bench.settle();
    bench.pass(std::chrono::seconds(2));
    bench.want(RuleState::enabled);
    bench.router->fail(TransportFault::stale);
    CHECK(bench.ended.empty());
    bench.pass(kBeyondBackoff);
    REQUIRE(bench.last().method == Method::get);
    bench.router->answer(200, list(rule("*9", false)));
    CHECK(bench.last().path == "/rest/ip/firewall/mangle/*9");
}

TEST_CASE("an answer about another rule is not believed") {
    Bench bench;
    bench.settle();
    bench.want(RuleState::enabled);
    bench.router->answer(200, rule("*7", true, "other"));
    CHECK(bench.ended.back().outcome == WriteOutcome::differs);
    bench.pass(kBeyondBackoff);
    CHECK(bench.last().method == Method::get);
}

TEST_CASE("several rules with the comment are named once, and none of them is written") {
    Bench bench;
    const std::string body = "[" + rule("*7", false) + "," + rule("*9", true) + "]";
    bench.want(RuleState::enabled);
    bench.router->answer(200, body);
    bench.pass(kBeyondBackoff);
    bench.router->answer(200, body);
    REQUIRE(bench.notices.size() == 1);
    CHECK(bench.notices[0].find("(*7, *9)") != std::string::npos);
    CHECK(bench.keeper.view().status == RuleStatus::ambiguous);
    bench.pass(kBeyondBackoff);
    bench.router->answer(200, list(rule("*7", false)));
    CHECK(bench.last().path == "/rest/ip/firewall/mangle/*7");
    CHECK(bench.keeper.view().status == RuleStatus::ok);
}

TEST_CASE("somebody else's change is told once and put right by one PATCH") {
    Bench bench;
    bench.settle();
    bench.pass(std::chrono::seconds(31));
    REQUIRE(bench.last().method == Method::get);
    bench.router->answer(200, list(rule("*7", true)));
    CHECK(bench.patches() == 1);
    CHECK(bench.last().body == R"({"disabled":"true"})");
    bench.router->answer(200, rule("*7", false));
    CHECK(bench.ended.back().restoring);
    CHECK(bench.keeper.counters().foreign_changes == 1);
    CHECK(bench.notices.back().find("put right") != std::string::npos);
    bench.pass(std::chrono::seconds(31));
    bench.router->answer(200, list(rule("*7", false)));
    CHECK(bench.keeper.counters().foreign_changes == 1);
    CHECK(bench.patches() == 1);
}

TEST_CASE("with reconcile = \"report\" a change is left until the next wish") {
    Bench bench({.comment = kComment, .reconcile = Reconcile::report});
    bench.settle();
    for (int i = 0; i < 3; ++i) {
        bench.pass(std::chrono::seconds(31));
        bench.router->answer(200, list(rule("*7", true)));
    }
    CHECK(bench.patches() == 0);
    CHECK(bench.keeper.view().changed);
    CHECK(bench.keeper.counters().foreign_changes == 1);
    bench.want(RuleState::enabled);
    CHECK(bench.patches() == 0);
    bench.want(RuleState::disabled);
    CHECK(bench.patches() == 1);
}

TEST_CASE("under dry_run it reads and never writes") {
    Bench bench({.comment = kComment, .dry_run = true});
    bench.settle();
    bench.want(RuleState::enabled);
    bench.pass(std::chrono::seconds(31));
    bench.router->answer(200, list(rule("*7", false)));
    CHECK(bench.router->sent.size() == 2);
    CHECK(bench.patches() == 0);
}

TEST_CASE("a router that lets a request wait for two seconds is late until it answers") {
    Bench bench;
    bench.settle();
    bench.want(RuleState::enabled);
    bench.pass(std::chrono::milliseconds(1900));
    CHECK(bench.keeper.view().router == RouterState::ok);
    bench.pass(std::chrono::milliseconds(200));
    CHECK(bench.keeper.view().router == RouterState::late);
    CHECK(bench.keeper.view().pending);
    bench.router->answer(200, rule("*7", true));
    CHECK(bench.keeper.view().router == RouterState::ok);
    CHECK(bench.patches() == 1);
}

TEST_CASE(
    "a connection that ends between requests has the rule read again, once a second at most") {
    Bench bench;
    bench.settle();
    const auto reads = [&] { return bench.router->sent.size() - bench.patches(); };
    for (int i = 0; i < 5; ++i) {
        bench.pass(std::chrono::milliseconds(100));
        bench.router->idle_ended();
    }
    CHECK(reads() == 1);
    bench.pass(std::chrono::milliseconds(500));
    REQUIRE(reads() == 2);
    // The router came back without what it was told.
    bench.router->answer(200, list(rule("*7", true)));
    CHECK(bench.patches() == 1);
    bench.router->answer(200, rule("*7", false));
    bench.pass(std::chrono::seconds(10));
    CHECK(reads() == 2);
    bench.router->idle_ended();
    CHECK(reads() == 3);
}

TEST_CASE("another link reads the rule again, adopts nothing, and repeats no write that was done") {
    Bench bench;
    bench.settle();
    const bool written = GENERATE(true, false);
    bench.want(RuleState::enabled);
    REQUIRE(bench.patches() == 1);
    const auto before = bench.link;
    bench.link = bench.new_link();
    bench.keeper.reconfigure(bench.clock.steady(), {.comment = kComment}, bench.link);
    REQUIRE(bench.router->sent.size() == 1);
    CHECK(bench.last().method == Method::get);
    bench.router->answer(200, list(rule("*7", written)));
    CHECK(bench.patches() == (written ? 0 : 1));
    CHECK(bench.found.size() == 1);
    CHECK(bench.keeper.counters().foreign_changes == 0);
    CHECK(before->users().empty());
}

TEST_CASE("other settings hold from the moment they come") {
    Bench bench({.comment = kComment, .reconcile = Reconcile::report});
    bench.settle();
    bench.pass(std::chrono::seconds(31));
    bench.router->answer(200, list(rule("*7", true)));
    REQUIRE(bench.patches() == 0);
    const auto reconfigure = [&](const RuleOptions& options) {
        bench.keeper.reconfigure(bench.clock.steady(), options, bench.link);
    };
    reconfigure({.comment = kComment, .dry_run = true});
    CHECK(bench.patches() == 0);
    reconfigure({.comment = kComment});
    REQUIRE(bench.patches() == 1);
    bench.router->answer(200, rule("*7", false));
    CHECK(bench.ended.back().restoring);
    CHECK(bench.router->sent.size() == 3);
}
