#include "autorate/actuate/actuator.hpp"

#include <optional>
#include <string>
#include <utility>

#include "tests/support/catch.hpp"
#include "tests/unit/actuate/actuator_bench.hpp"

using namespace wanctl;
using namespace wanctl::actuate;
using wanctl::test::Bench;
using wanctl::test::options;

namespace {

constexpr Direction kDown = Direction::download;
constexpr Direction kUp = Direction::upload;

}  // namespace

TEST_CASE("a wish reaches the router, verified by the reply, with one look-up for many writes") {
    Bench bench;
    bench.start();
    CHECK(bench.held(kDown) == 800_mbit);
    CHECK(bench.actuator.view().router == RouterState::ok);
    for (int i = 1; i <= 20; ++i) {
        bench.want(kDown, Rate{(800 - i * 20) * 1'000'000}, Zone::red);
        bench.want(kUp, Rate{(30'000 - i * 500) * 1'000}, Zone::red);
        REQUIRE(bench.until([&] { return bench.router.patches == 2 * i; }));
    }
    REQUIRE(bench.until([&] { return bench.held(kUp) == 20_mbit; }));
    CHECK(bench.router.queues[0].limit == 400'000'000);
    CHECK(bench.router.queues[1].limit == 20'000'000);
    CHECK(bench.router.lookups == 1);
    CHECK(bench.link->counters().connections == 1);
    const WritesEnded ended = bench.actuator.take_writes_ended();
    CHECK(ended.count == 40);
    CHECK(ended.last.outcome == WriteOutcome::applied);
    CHECK(ended.last.http_status == 200);
    CHECK(ended.last.latency > Nanos(0));
    CHECK(bench.actuator.take_writes_ended().count == 0);
}

TEST_CASE("nothing is written while nothing changes") {
    Bench bench;
    bench.start();
    for (int i = 0; i < 50; ++i) {
        bench.want(kDown, 800_mbit, Zone::green);
        bench.want(kUp, 30_mbit, Zone::red);
    }
    bench.pass_polls(3);
    CHECK(bench.router.patches == 0);
    CHECK_FALSE(bench.actuator.view().direction[0].pending);
}

TEST_CASE("a queue made anew is found by its name again") {
    Bench bench;
    bench.start();
    bench.router.queues[0].id = "*100000F";
    bench.want(kDown, 500_mbit, Zone::red);
    REQUIRE(bench.until([&] { return bench.router.queues[0].limit == 500'000'000; }));
    CHECK(bench.router.lookups == 2);
    REQUIRE(bench.until([&] { return bench.held(kDown) == 500_mbit; }));
    CHECK(bench.actuator.view().router == RouterState::ok);
    CHECK(bench.changes.size() == 1);
}

TEST_CASE("an id that now belongs to the other queue is noticed by the name in the reply") {
    Bench bench;
    bench.start();
    std::swap(bench.router.queues[0].id, bench.router.queues[1].id);
    bench.want(kDown, 500_mbit, Zone::red);
    bench.want(kUp, 25_mbit, Zone::red);
    REQUIRE(bench.until([&] {
        return bench.router.queues[0].limit == 500'000'000 &&
               bench.router.queues[1].limit == 25'000'000;
    }));
}

TEST_CASE("a missing queue is named once, and found when it appears") {
    Bench bench;
    bench.router.queues[1].name = "Other";
    bench.actuator.start(bench.clock.steady());
    REQUIRE(
        bench.until([&] { return bench.actuator.view().router == RouterState::queue_missing; }));
    REQUIRE(bench.until([&] { return bench.router.lookups >= 3; }));
    bench.want(kDown, 500_mbit, Zone::red);
    CHECK(bench.router.patches == 0);
    CHECK(bench.changes.size() == 1);
    CHECK(bench.changes.back().second.find("\"WAN-Upload\"") != std::string::npos);
    bench.router.queues[1].name = "WAN-Upload";
    REQUIRE(bench.until([&] { return bench.router.queues[0].limit == 500'000'000; }));
    CHECK(bench.actuator.view().router == RouterState::ok);
}

TEST_CASE("a refused write leaves the held value unknown until it has been read, and is retried") {
    Bench bench;
    bench.start();
    bench.router.patch_status = 500;
    bench.router.patch_detail = "failure: busy";
    bench.want(kDown, 500_mbit, Zone::red);
    REQUIRE(bench.until([&] { return bench.actuator.take_writes_ended().count > 0; }));
    CHECK(bench.actuator.view().router == RouterState::failing);
    CHECK_FALSE(bench.held(kDown));
    REQUIRE(bench.until([&] { return bench.router.patches >= 3; }));
    CHECK(bench.changes.size() == 2);
    CHECK(bench.changes.back().second.find("failure: busy") != std::string::npos);
    bench.router.patch_status = 200;
    REQUIRE(bench.until([&] { return bench.held(kDown) == 500_mbit; }));
    REQUIRE(bench.changes.size() == 3);
    CHECK(bench.changes.back().first == RouterState::ok);
}

TEST_CASE("a user without the policy write is told so, and reading does not hide it") {
    Bench bench;
    bench.start();
    bench.router.patch_status = 400;
    bench.router.patch_detail = "missing or invalid resource identifier";
    bench.want(kDown, 500_mbit, Zone::red);
    REQUIRE(bench.until([&] { return bench.router.patches >= 4; }));
    CHECK(bench.actuator.view().router == RouterState::forbidden);
    CHECK(bench.changes.size() == 2);
    CHECK(bench.changes.back().second.find("policy write") != std::string::npos);
}

TEST_CASE("a write answered with rubbish is read back, not believed") {
    Bench bench;
    bench.start();
    bench.router.garbled = true;
    bench.want(kDown, 500_mbit, Zone::red);
    REQUIRE(bench.until([&] { return bench.router.lookups == 2; }));
    REQUIRE(bench.until([&] { return bench.held(kDown) == 500_mbit; }));
    CHECK(bench.router.patches == 1);
    CHECK(bench.actuator.take_writes_ended().last.outcome == WriteOutcome::differs);
}

TEST_CASE("a router that rounds is written once, and its own value is what it holds") {
    Bench bench;
    bench.router.grain = 1'000'000;
    bench.start();
    bench.want(kDown, Rate{499'500'000}, Zone::red);
    REQUIRE(bench.until([&] { return bench.held(kDown) == 499_mbit; }));
    bench.want(kDown, Rate{499'500'000}, Zone::green);
    bench.pass_polls(5);
    CHECK(bench.router.patches == 1);
    CHECK(bench.actuator.take_writes_ended().last.outcome == WriteOutcome::differs);
}

TEST_CASE("a limit changed by somebody else is seen in a reading and put right") {
    Bench bench;
    bench.start();
    bench.want(kDown, 800_mbit, Zone::yellow);
    bench.router.queues[0].limit = 0;
    REQUIRE(bench.until([&] { return bench.router.queues[0].limit == 800'000'000; }));
    CHECK(bench.router.patches == 1);
    CHECK(bench.actuator.counters().outside_changes == 1);
}

TEST_CASE("an unreachable router comes back to the last wish, not to those in between") {
    Bench bench;
    bench.start();
    bench.router.server.go_away();
    bench.want(kDown, 700_mbit, Zone::red);
    REQUIRE(bench.until([&] { return bench.actuator.view().router == RouterState::unreachable; }));
    for (int i = 0; i < 100; ++i) bench.want(kDown, Rate{(600 - i) * 1'000'000}, Zone::red);
    CHECK(bench.actuator.view().direction[0].pending);
    bench.router.queues[0].limit = 123'000'000;
    bench.router.server.come_back();
    REQUIRE(bench.until([&] { return bench.actuator.view().router == RouterState::ok; }));
    bench.pass_polls(2);
    // Read before writing: 501 is above the 123 the router has now, and the zone is RED.
    CHECK(bench.router.patches == 0);
    CHECK(bench.held(kDown) == 123_mbit);
    bench.want(kDown, 501_mbit, Zone::green);
    REQUIRE(bench.until([&] { return bench.router.queues[0].limit == 501'000'000; }));
    CHECK(bench.router.patches == 1);
}

TEST_CASE("statistics come with their time, a rate from the second reading on, and resets") {
    Bench bench;
    bench.start();
    bench.router.queues[0].bytes = 1'000'000;
    const auto sample = [&] { return bench.actuator.view().direction[0].sample; };
    REQUIRE(bench.until([&] { return sample() && sample()->counts.bytes == 1'000'000; }));
    CHECK(sample()->at <= bench.clock.steady());
    bench.router.queues[0].bytes = 5'000'000;
    REQUIRE(bench.until([&] { return sample()->counts.bytes == 5'000'000; }));
    CHECK(sample()->achieved.value() > Rate{0});
    bench.router.queues[0].bytes = 10;
    REQUIRE(bench.until([&] { return sample()->counts.bytes == 10; }));
    CHECK(sample()->resets == 1);
    CHECK_FALSE(sample()->achieved);
}

TEST_CASE("statistics begin an interval after the start: two TLS handshakes share no slot") {
    ActuatorOptions with = options();
    with.stats_interval = std::chrono::hours(1);
    Bench bench(with);
    bench.start();
    bench.want(kDown, 500_mbit, Zone::red);
    REQUIRE(bench.until([&] { return bench.held(kDown) == 500_mbit; }));
    CHECK(bench.router.polls == 0);
    CHECK(bench.router.server.connections() == 1);
}

TEST_CASE("where the query for two queues is not understood the whole tree is read") {
    Bench bench;
    bench.router.query_works = false;
    bench.start();
    REQUIRE(bench.until([&] { return bench.actuator.view().direction[0].sample.has_value(); }));
    CHECK(bench.actuator.view().statistics == RouterState::ok);
}

TEST_CASE("a shared link is polled at most once a second, and works all the same") {
    Bench bench(options(), true);
    bench.start();
    REQUIRE(bench.until([&] { return bench.router.polls == 1; }));
    const SteadyTime first = bench.clock.steady();
    for (int i = 1; i <= 10; ++i) {
        bench.want(kDown, Rate{(800 - i * 20) * 1'000'000}, Zone::red);
        REQUIRE(bench.until([&] { return bench.router.patches == i; }));
    }
    CHECK(bench.router.polls == 1);
    REQUIRE(bench.until([&] { return bench.router.polls == 2; }));
    CHECK(bench.clock.steady() - first > std::chrono::milliseconds(900));
    CHECK(bench.router.server.connections() == 1);
}

TEST_CASE("a disabled queue is told of") {
    Bench bench;
    bench.start();
    bench.router.queues[1].disabled = true;
    REQUIRE(bench.until([&] { return !bench.actuator.view().direction[1].shaping; }));
    REQUIRE(bench.notices.size() == 1);
    CHECK(bench.notices[0].about == "queue");
    CHECK_FALSE(bench.notices[0].good);
    CHECK(bench.notices[0].message.find("\"WAN-Upload\" is disabled") != std::string::npos);
    bench.router.queues[1].disabled = false;
    REQUIRE(bench.until([&] { return bench.notices.size() == 2; }));
    CHECK(bench.notices[1].good);
    CHECK(bench.changes.size() == 1);
}

TEST_CASE("failing statistics are told of as such, not as a state of the connection that writes") {
    Bench bench;
    bench.start();
    REQUIRE(bench.until([&] { return bench.actuator.view().statistics == RouterState::ok; }));
    bench.router.server.go_away();
    REQUIRE(bench.until([&] { return !bench.notices.empty(); }));
    CHECK(bench.notices[0].about == "statistics");
    CHECK_FALSE(bench.notices[0].good);
    CHECK(bench.notices[0].message.find("(user wanctl-stats)") != std::string::npos);
    const auto read = bench.actuator.counters().polls_read;
    REQUIRE(bench.until([&] { return bench.actuator.counters().polls_failed >= 2; }));
    CHECK(bench.actuator.counters().polls_read == read);
    bench.router.server.come_back();
    REQUIRE(bench.until([&] { return bench.notices.size() == 2; }));
    CHECK(bench.notices[1].good);
}

TEST_CASE("a stop that keeps ends at once when nothing is in flight") {
    Bench bench;
    bench.start();
    bench.actuator.want(bench.clock.steady(), kDown, 200_mbit, Zone::red);
    std::optional<bool> complete;
    const SteadyTime now = bench.clock.steady();
    bench.actuator.stop(now, now + std::chrono::hours(1), [&](bool all) { complete = all; });
    CHECK_FALSE(complete);
    REQUIRE(bench.until([&] { return complete.has_value(); }));
    CHECK(*complete);
    CHECK(bench.router.patches == 0);
}

TEST_CASE("a stop with on_exit = ceiling writes both ceilings, whatever the zone") {
    ActuatorOptions with = options();
    with.on_exit = ExitWrite::ceiling;
    Bench bench(with);
    bench.start();
    bench.want(kDown, 200_mbit, Zone::red);
    std::optional<bool> complete;
    const SteadyTime now = bench.clock.steady();
    bench.actuator.stop(now, now + std::chrono::hours(1), [&](bool all) { complete = all; });
    REQUIRE(bench.until([&] { return complete.has_value(); }));
    CHECK(*complete);
    CHECK(bench.router.queues[0].limit == 940'000'000);
    CHECK(bench.router.queues[1].limit == 38'000'000);
}

TEST_CASE("a stop that cannot write ends at its deadline and says so") {
    ActuatorOptions with = options();
    with.on_exit = ExitWrite::ceiling;
    Bench bench(with);
    bench.start();
    bench.router.server.go_away();
    std::optional<bool> complete;
    const SteadyTime now = bench.clock.steady();
    bench.actuator.stop(now, now + std::chrono::milliseconds(300),
                        [&](bool all) { complete = all; });
    REQUIRE(bench.until([&] { return complete.has_value(); }));
    CHECK_FALSE(*complete);
}

TEST_CASE("two WANs share one link: one connection, and the decrease goes first") {
    Bench bench;
    ActuatorOptions other = options();
    other.queue = {"WAN-Upload", "WAN-Download"};
    Actuator second(bench.loop, bench.clock, other, bench.link, bench.stats);
    bench.start();
    second.start(bench.clock.steady());
    REQUIRE(bench.until([&] { return second.view().direction[0].held.has_value(); }));
    bench.want(kDown, 900_mbit, Zone::green);
    second.want(bench.clock.steady(), kDown, 20_mbit, Zone::red);
    second.pump(bench.clock.steady());
    REQUIRE(bench.until([&] { return bench.router.patches == 2; }));
    CHECK(bench.router.queues[0].limit == 900'000'000);
    CHECK(bench.router.queues[1].limit == 20'000'000);
    REQUIRE(bench.until([&] { return bench.router.polls > 0; }));
    CHECK(bench.router.server.connections() == 2);
}
