// What the actuator makes of a router that is late, restarts, or is changed by others.
#include <algorithm>

#include "tests/unit/actuate/actuator_bench.hpp"

using namespace wanctl;
using namespace wanctl::actuate;
using std::chrono::milliseconds;
using wanctl::test::Bench;
using wanctl::test::options;

namespace {

constexpr Direction kDown = Direction::download;
constexpr Direction kUp = Direction::upload;

// A router that restarts with its ids exchanged: what was *1000000 is now the other queue.
void restart_with_swapped_ids(Bench& bench) {
    bench.router.server.go_away();
    std::swap(bench.router.queues[0].id, bench.router.queues[1].id);
    bench.router.server.come_back();
}

ActuatorOptions rarely_polled() {
    ActuatorOptions with = options();
    with.stats_interval = std::chrono::hours(1);
    return with;
}

}  // namespace

TEST_CASE("no write by an outdated id reaches a router that restarted meanwhile") {
    // Nothing is polled, so only the broken connection tells of the restart.
    Bench bench(rarely_polled());
    bench.start();
    const SteadyTime read = bench.clock.steady();
    REQUIRE(bench.until([&] { return bench.clock.steady() - read > std::chrono::seconds(1); }));
    restart_with_swapped_ids(bench);
    bench.want(kDown, 500_mbit, Zone::red);
    REQUIRE(bench.until([&] { return bench.held(kDown) == 500_mbit; }));
    CHECK(bench.router.queues[0].limit == 500'000'000);
    CHECK(bench.router.queues[1].limit == 30'000'000);
    CHECK(bench.router.patches == 1);
    CHECK(bench.router.lookups == 2);
    // A connection that ended is no trouble as long as another can be made.
    CHECK(bench.changes.size() == 1);
}

TEST_CASE("ids that changed are seen by a poll, before a write meets them") {
    Bench bench;
    bench.start();
    bench.router.queues[0].id = "*1000007";
    REQUIRE(bench.until([&] { return bench.router.lookups == 2; }));
    bench.want(kDown, 500_mbit, Zone::red);
    REQUIRE(bench.until([&] { return bench.held(kDown) == 500_mbit; }));
    CHECK(bench.router.patches == 1);
    CHECK(bench.changes.size() == 1);
}

TEST_CASE("an answer that is long in coming is a state of its own, said once, and waited for") {
    Bench bench(rarely_polled());
    bench.start();
    bench.router.silent = true;
    bench.want(kDown, 500_mbit, Zone::red);
    REQUIRE(bench.until([&] { return bench.actuator.view().router == RouterState::late; }));
    CHECK(bench.changes.size() == 2);
    CHECK(bench.changes.back().second.find("no answer for 2 s") != std::string::npos);
    CHECK(bench.router.patches == 1);
    bench.router.silent = false;
    bench.router.server.go_away();
    bench.router.server.come_back();
    REQUIRE(bench.until([&] { return bench.held(kDown) == 500_mbit; }));
    CHECK(bench.actuator.view().router == RouterState::ok);
}

TEST_CASE("polls that fail become rarer") {
    Bench bench;
    bench.start();
    bench.router.query_works = false;
    bench.router.queues[1].name = "Other";
    REQUIRE(bench.until([&] { return bench.actuator.counters().polls_failed >= 2; }));
    const auto before = bench.router.polls;
    const SteadyTime begun = bench.clock.steady();
    REQUIRE(bench.until([&] { return bench.clock.steady() - begun > std::chrono::seconds(3); }));
    // At 50 ms it would be 60 polls.
    CHECK(bench.router.polls - before <= 12);
}

TEST_CASE("when statistics fail the writing link reads the queues, so a change is still seen") {
    Bench bench;
    bench.start();
    bench.router.polls_fail = true;
    REQUIRE(bench.until([&] { return bench.actuator.counters().polls_failed >= 1; }));
    bench.want(kDown, 800_mbit, Zone::green);
    // The failure itself makes the writer read once; what comes later must be found all the same.
    REQUIRE(bench.until([&] { return bench.router.lookups >= 2; }));
    const SteadyTime read = bench.clock.steady();
    REQUIRE(bench.until([&] { return bench.clock.steady() - read > milliseconds(300); }));
    const auto lookups = bench.router.lookups;
    bench.router.queues[0].limit = 5'000'000;
    const SteadyTime begun = bench.clock.steady();
    REQUIRE(bench.until([&] { return bench.router.queues[0].limit == 800'000'000; }));
    CHECK(bench.clock.steady() - begun < std::chrono::seconds(10));
    CHECK(bench.router.lookups - lookups <= 3);
    CHECK(bench.actuator.counters().outside_changes == 1);
}

TEST_CASE("a limit changed by somebody else is named with both values, once a minute at most") {
    Bench bench;
    bench.start();
    bench.want(kUp, 30_mbit, Zone::green);
    for (int i = 1; i <= 3; ++i) {
        bench.router.queues[1].limit = i * 1'000'000;
        REQUIRE(bench.until([&] { return bench.router.queues[1].limit == 30'000'000; }));
        REQUIRE(bench.until([&] { return bench.held(kUp) == 30_mbit; }));
    }
    REQUIRE(bench.notices.size() == 1);
    CHECK(bench.notices[0].about == "limit");
    CHECK(bench.notices[0].message.find("has 1000000 bit/s where 30000000 bit/s was set") !=
          std::string::npos);
    CHECK(bench.actuator.counters().outside_changes == 3);
}

TEST_CASE("a change of one queue is put right although the other is being written all the time") {
    Bench bench;
    bench.start();
    bench.want(kUp, 30_mbit, Zone::green);
    bench.router.queues[1].limit = 3'000'000;
    int rate = 790'000'000;
    REQUIRE(bench.until([&] {
        bench.actuator.want(bench.clock.steady(), kDown, Rate{rate -= 100'000}, Zone::red);
        return bench.router.queues[1].limit == 30'000'000;
    }));
}
