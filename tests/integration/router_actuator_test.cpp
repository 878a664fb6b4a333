// The actuator against the simulated router: what it holds, what it survives.
#include <string>

#include <fmt/format.h>

#include "tests/integration/router_bench.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::test;
using wanctl::actuate::ActuatorView;

TEST_CASE("many writes cost one look-up and one connection of their own") {
    RouterBench bench;
    bench.start();
    for (int i = 1; i <= 50; ++i) {
        const Rate download{100'000'000 - i * 1'500'000};
        const Rate upload{20'000'000 - i * 300'000};
        bench.want(download, Zone::red, upload, Zone::red);
        REQUIRE(bench.until([&] {
            const ActuatorView view = bench.actuator.view();
            return view.direction[0].held == download && view.direction[1].held == upload;
        }));
    }
    CHECK(bench.holds(25_mbit, 5_mbit));
    CHECK(bench.sim.requests("PATCH") == 100);
    CHECK(bench.sim.requests("GET", "wanctl") == 1);
    CHECK(bench.until([&] { return bench.sim.requests("POST", "wanctl-stats") > 0; }));
    CHECK(bench.sim.accepted_sockets() == 2);
}

TEST_CASE("nothing is written while the router has what is wanted") {
    RouterBench bench;
    bench.start();
    bench.want(100_mbit, Zone::green, 20_mbit, Zone::red);
    const auto polls = bench.actuator.counters().polls;
    REQUIRE(bench.until([&] { return bench.actuator.counters().polls > polls + 5; }));
    CHECK(bench.sim.requests("PATCH") == 0);
    CHECK(bench.actuator.view().statistics == RouterState::ok);
}

TEST_CASE("a queue deleted and made anew under a new id is found again") {
    RouterBench bench;
    bench.start();
    bench.sim.command(R"({"cmd":"queue-delete","queue":"WAN-Download"})");
    REQUIRE(bench.until([&] { return bench.state() == RouterState::queue_missing; }));
    bench.want(40_mbit, Zone::red, 20_mbit, Zone::green);
    Asker admin(trusting(bench.sim));
    const auto added = admin.ask(routeros::Request{
        routeros::Method::post, "/rest/queue/tree/add",
        R"({"name":"WAN-Download","parent":"global","max-limit":"90M","queue":"default-small"})"});
    INFO(added.error.message);
    REQUIRE(added.state == RouterState::ok);
    REQUIRE(bench.until([&] { return bench.sim.max_limit("WAN-Download") == 40'000'000; }));
    REQUIRE(bench.until([&] { return bench.state() == RouterState::ok; }));
}

TEST_CASE("a doubled queue is refused by name, and nothing is written") {
    RouterBench bench;
    bench.sim.command(R"({"cmd":"queue-duplicate","queue":"WAN-Upload"})");
    bench.actuator.start(bench.clock.steady());
    bench.want(40_mbit, Zone::red, 5_mbit, Zone::red);
    REQUIRE(bench.until([&] { return bench.state() == RouterState::queue_ambiguous; }));
    CHECK(bench.changes.back().second.find("\"WAN-Upload\"") != std::string::npos);
    CHECK(bench.sim.requests("PATCH") == 0);
}

TEST_CASE("an unreachable router gets the last wish within 5 s of its return") {
    for (const char* mode : {"refuse", "reset", "drop"}) {
        DYNAMIC_SECTION(mode) {
            RouterBench bench;
            bench.start();
            bench.sim.command(fmt::format(R"({{"cmd":"unreachable","mode":"{}"}})", mode));
            bench.want(60_mbit, Zone::red, 20_mbit, Zone::green);
            const SteadyTime gone = bench.clock.steady();
            REQUIRE(bench.until(
                [&] { return bench.clock.steady() - gone > std::chrono::milliseconds(700); }));
            for (int i = 1; i <= 20; ++i)
                bench.want(Rate{60'000'000 - i * 1'000'000}, Zone::red, 20_mbit, Zone::green);
            bench.sim.command(R"({"cmd":"clear"})");
            const SteadyTime back = bench.clock.steady();
            REQUIRE(bench.until([&] { return bench.sim.max_limit("WAN-Download") == 40'000'000; }));
            CHECK(bench.clock.steady() - back < std::chrono::seconds(5));
            REQUIRE(bench.until([&] { return bench.state() == RouterState::ok; }));
        }
    }
}

TEST_CASE("after a long outage the return is noticed as soon: the waits stop growing") {
    RouterBench bench;
    bench.start();
    bench.sim.command(R"({"cmd":"unreachable","mode":"refuse"})");
    bench.want(40_mbit, Zone::red, 20_mbit, Zone::green);
    const SteadyTime gone = bench.clock.steady();
    // Long enough for waits that went on doubling to exceed the bound below.
    REQUIRE(bench.until([&] { return bench.clock.steady() - gone > std::chrono::seconds(12); }));
    bench.sim.command(R"({"cmd":"clear"})");
    const SteadyTime back = bench.clock.steady();
    REQUIRE(bench.until([&] { return bench.sim.max_limit("WAN-Download") == 40'000'000; }));
    CHECK(bench.clock.steady() - back < std::chrono::seconds(5));
    CHECK(bench.changes.size() <= 5);
}

TEST_CASE("a reboot resets the counters and loses no wish") {
    RouterBench bench;
    bench.start();
    bench.want(60_mbit, Zone::red, 20_mbit, Zone::green);
    REQUIRE(bench.until([&] { return bench.holds(60_mbit, 20_mbit); }));
    bench.sim.command(R"({"cmd":"reboot","for_s":1})");
    bench.want(30_mbit, Zone::red, 20_mbit, Zone::green);
    REQUIRE(bench.until([&] { return bench.state() == RouterState::unreachable; }));
    REQUIRE(bench.until([&] { return bench.state() == RouterState::ok; }));
    REQUIRE(bench.until([&] { return bench.holds(30_mbit, 20_mbit); }));
}

TEST_CASE("a slow router is waited for, and gets the newest wish next") {
    RouterBench bench;
    bench.start();
    bench.sim.command(R"({"cmd":"slow","ms":400,"user":"wanctl"})");
    bench.want(90_mbit, Zone::red, 20_mbit, Zone::green);
    const SteadyTime begun = bench.clock.steady();
    int slots = 0;
    REQUIRE(bench.until([&] {
        ++slots;
        bench.want(Rate{90'000'000 - slots * 100'000}, Zone::red, 20_mbit, Zone::green);
        return bench.clock.steady() - begun > std::chrono::milliseconds(1500) || slots > 800;
    }));
    const Rate last{90'000'000 - slots * 100'000};
    REQUIRE(bench.until([&] { return bench.actuator.view().direction[0].held == last; }));
    CHECK(slots > 20);
    CHECK(bench.sim.requests("PATCH") <= 7);
    CHECK(bench.sim.accepted_sockets() == 2);
    CHECK(bench.actuator.counters().writes[static_cast<std::size_t>(WriteOutcome::unreachable)] ==
          0);
}

TEST_CASE("a slow writer does not hold up the statistics of the second user") {
    RouterBench bench;
    bench.start();
    bench.sim.command(R"({"cmd":"slow","ms":1000,"user":"wanctl"})");
    bench.want(50_mbit, Zone::red, 20_mbit, Zone::green);
    const auto polls = bench.actuator.counters().polls;
    REQUIRE(bench.until([&] { return bench.sim.max_limit("WAN-Download") == 50'000'000; }));
    CHECK(bench.actuator.counters().polls > polls + 3);
}

TEST_CASE("a limit an administrator changes is put right") {
    RouterBench bench;
    bench.start();
    bench.want(100_mbit, Zone::green, 20_mbit, Zone::yellow);
    bench.sim.command(R"({"cmd":"queue-set","queue":"WAN-Upload","max-limit":"0"})");
    bench.sim.command(R"({"cmd":"queue-set","queue":"WAN-Download","max-limit":"10M"})");
    REQUIRE(bench.until([&] { return bench.holds(100_mbit, 20_mbit); }));
    CHECK(bench.actuator.counters().outside_changes == 2);
    CHECK(bench.sim.requests("PATCH") == 2);
}

TEST_CASE("a write that was refused but took effect all the same is found by reading") {
    RouterBench bench;
    bench.start();
    bench.sim.command(
        R"({"cmd":"status","status":400,"count":1,"method":"PATCH","apply":true,"detail":"odd"})");
    bench.want(50_mbit, Zone::red, 20_mbit, Zone::green);
    REQUIRE(bench.until([&] { return bench.actuator.view().direction[0].held == 50_mbit; }));
    CHECK(bench.sim.requests("PATCH") == 1);
    CHECK(bench.actuator.take_writes_ended().last.outcome == WriteOutcome::refused);
}

TEST_CASE("a user without the policy write is named so") {
    SimSettings settings = two_users();
    settings.users[0].policies = "read,api,rest-api";
    RouterBench bench(settings);
    bench.start();
    bench.want(50_mbit, Zone::red, 20_mbit, Zone::green);
    REQUIRE(bench.until([&] { return bench.state() == RouterState::forbidden; }));
    CHECK(bench.changes.back().second.find("policy write") != std::string::npos);
    CHECK(bench.sim.max_limit("WAN-Download") == 100'000'000);
}

TEST_CASE("a stop leaves the ceilings when it is asked to") {
    RouterBench bench(two_users(), ExitWrite::ceiling);
    bench.start();
    bench.want(50_mbit, Zone::red, 10_mbit, Zone::red);
    REQUIRE(bench.until([&] { return bench.holds(50_mbit, 10_mbit); }));
    std::optional<bool> complete;
    const SteadyTime now = bench.clock.steady();
    bench.actuator.stop(now, now + std::chrono::seconds(10), [&](bool all) { complete = all; });
    REQUIRE(bench.until([&] { return complete.has_value(); }));
    CHECK(*complete);
    CHECK(bench.holds(100_mbit, 20_mbit));
}
