// What the lines' writers and wanctl-steering itself go through, at the worst moments and together
// with the router's trouble: the rule ends up right, and one cause has switched it once.
#include <csignal>

#include <random>
#include <thread>

#include <fmt/format.h>

#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/full_run.hpp"
#include "tests/support/steering_run.hpp"
#include "tests/support/wait_until.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

auto source_is(SourceState state, std::size_t wan = 0) {
    return [=](const SteeringRecord& record) { return record.wan[wan].source == number_of(state); };
}

// Steering, and the router has said so.
void steer(SteeringRun& run) {
    run.start_and_settle();
    run.congest_and_wait();
    REQUIRE(run.right_after("", true) < kRightWithinS);
}

void kill_primary(SteeringRun& run) {
    run.primary().process().signal(SIGKILL);
    REQUIRE(run.primary().process().wait() == 128 + SIGKILL);
}

void kill_steering(SteeringRun& run) {
    run.daemon().signal(SIGKILL);
    REQUIRE(run.daemon().wait() == 128 + SIGKILL);
}

// Moments by chance.
class Chance {
  public:
    void sleep(int most_ms) {
        std::uniform_int_distribution<int> moment(0, most_ms);
        std::this_thread::sleep_for(std::chrono::milliseconds(moment(random_)));
    }
    bool half() { return std::uniform_int_distribution<int>(0, 1)(random_) == 1; }

  private:
    std::minstd_rand random_{11};
};

}  // namespace

TEST_CASE("the primary's writer killed at any moment: the rule is off soon, never switched twice") {
    const int rounds = full_run() ? 200 : 10;
    SteeringRun run;
    run.config().set("flap.penalty", "0").set("failsafe.stale_s", "0.3");
    run.start_and_settle();
    Chance chance;
    int steered = 0;
    double worst = 0;
    for (int round = 0; round < rounds; ++round) {
        INFO(round);
        const auto before = run.history().to_enabled;
        if (round > 0) run.restart_primary();
        run.primary().congest();
        // Before, amid and after the switch, in the hold-down, and on the way back.
        chance.sleep(700);
        if (chance.half()) {
            run.primary().calm();
            chance.sleep(300);
        }
        kill_primary(run);
        // From the kill on, stale_release_s (1 s) included where the rule was on.
        worst = std::max(worst, run.right_after("primary killed at a moment by chance", false));
        REQUIRE(worst < 1.0 + kRightWithinS);
        REQUIRE(run.until([](const SteeringRecord& record) {
            return record.reason == number_of(SteeringReason::no_data) &&
                   record.wan[0].source == number_of(SourceState::dead);
        }));
        REQUIRE(run.right_after("", false) < kRightWithinS);
        Toggles after = run.history().to_enabled;
        after.erase(after.begin(), after.begin() + static_cast<std::ptrdiff_t>(before.size()));
        const bool once = after.empty() || after == Toggles{true, false};
        REQUIRE(once);
        steered += after.empty() ? 0 : 1;
    }
    // The moments were of both kinds.
    CHECK(steered > 0);
    CHECK((steered < rounds || !full_run()));
    INFO(run.log());
    CHECK(run.logged("another writer has the line's ring") + 1 == static_cast<std::size_t>(rounds));
}

TEST_CASE("a primary's writer that hangs for less than stale_release_s switches nothing") {
    SteeringRun run;
    run.config().set("failsafe.stale_release_s", "10.0");
    steer(run);
    run.primary().process().signal(SIGSTOP);
    REQUIRE(run.until(source_is(SourceState::hung)));
    REQUIRE(run.until(reason_is(SteeringReason::losing_data)));
    CHECK(run.logged("ring=hung") == 1);
    run.primary().process().signal(SIGCONT);
    REQUIRE(run.until(source_is(SourceState::live)));
    REQUIRE(run.decisions_pass(20));
    CHECK(run.right(true));
    CHECK(run.history().to_enabled == Toggles{true});
    CHECK(run.newest()->wan[0].restarts == 0);
}

TEST_CASE("a primary upgraded to another ABI is named, and its rule released once until it fits") {
    SteeringRun run;
    steer(run);
    kill_primary(run);
    run.restart_primary("major");
    run.primary().congest();
    REQUIRE(run.until(source_is(SourceState::other_version)));
    CHECK(run.until(reason_is(SteeringReason::no_data)));
    CHECK(run.right_after("primary of another ABI, released", false) < kRightWithinS);
    INFO(run.log());
    CHECK(run.logged("ring=other_version") == 1);
    CHECK(run.logged("ABI 2.0") == 1);
    REQUIRE(run.decisions_pass(20));
    CHECK(run.history().to_enabled == Toggles{true, false});
    CHECK(run.newest()->last_reason == number_of(SteeringReason::stale));

    kill_primary(run);
    run.restart_primary();
    run.primary().congest();
    CHECK(run.right_after("primary of our ABI again, congested", true) < kRightWithinS);
    CHECK(run.history().to_enabled == Toggles{true, false, true});
}

TEST_CASE("a primary whose ABI only has more fields is read as ever") {
    SteeringRun run;
    run.config().set("failsafe.stale_release_s", "10.0");
    steer(run);
    kill_primary(run);
    run.restart_primary("minor");
    run.primary().congest();
    REQUIRE(run.until([](const SteeringRecord& record) {
        return record.wan[0].restarts == 1 && record.wan[0].source == number_of(SourceState::live);
    }));
    run.primary().calm();
    CHECK(run.right_after("primary with more fields, calm", false) < kRightWithinS);
    CHECK(run.history().to_enabled == Toggles{true, false});
}

TEST_CASE("an alternate that was upgraded to another ABI holds steering back until it fits") {
    SteeringRun run;
    run.alternate().process().signal(SIGKILL);
    REQUIRE(run.alternate().process().wait());
    run.restart_alternate("major");
    run.start();
    REQUIRE(run.until(source_is(SourceState::other_version, 1)));
    run.primary().congest();
    REQUIRE(run.until(reason_is(SteeringReason::alt_silent)));
    CHECK_FALSE(run.rule_enabled());
    run.alternate().process().signal(SIGKILL);
    REQUIRE(run.alternate().process().wait());
    run.restart_alternate();
    CHECK(run.right_after("alternate of our ABI again", true) < kRightWithinS);
    CHECK(run.history().to_enabled == Toggles{true});
}

TEST_CASE("a primary that restarts with another baseline is judged by it, and switches nothing") {
    SteeringRun run;
    run.config()
        .set("failsafe.stale_release_s", "10.0")
        .set("confidence.recovery_sustain_s", "1.0");
    steer(run);
    kill_primary(run);
    run.restart_primary();
    // As congested as before, above a path that is 80 ms longer.
    run.primary().tell("baseline 100000");
    run.primary().tell("zone 3 0");
    run.primary().tell("rtt 330000");
    REQUIRE(run.until([](const SteeringRecord& record) {
        return record.wan[0].restarts == 1 && record.wan[0].delta_us == 230'000;
    }));
    REQUIRE(run.decisions_pass(50));
    CHECK(run.right(true));
    CHECK(run.history().to_enabled == Toggles{true});
    // Calm there would be a congestion by the old baseline.
    run.primary().tell("zone 0 0");
    run.primary().tell("rtt 101000");
    CHECK(run.right_after("primary with another baseline, calm", false) < kRightWithinS);
    kill_primary(run);
    run.restart_primary();
    REQUIRE(run.until([](const SteeringRecord& record) { return record.wan[0].restarts == 2; }));
    REQUIRE(run.decisions_pass(50));
    CHECK(run.history().to_enabled == Toggles{true, false});
}

TEST_CASE("killed at any moment, the next steering puts the rule right with one switch a cause") {
    const int rounds = full_run() ? 100 : 8;
    SteeringRun run;
    run.config().set("flap.penalty", "0");
    run.start_and_settle();
    Chance chance;
    Toggles expected;
    for (int round = 0; round < rounds; ++round) {
        INFO(round);
        const bool wanted = round % 2 == 0;
        if (wanted) {
            run.primary().congest();
        } else {
            run.primary().calm();
        }
        chance.sleep(500);
        kill_steering(run);
        run.start();
        const double took = run.right_after("steering killed at a moment by chance", wanted);
        INFO(run.log());
        REQUIRE(took < kRightWithinS);
        expected.push_back(wanted);
        REQUIRE(run.history().to_enabled == expected);
    }
}

TEST_CASE(
    "killed while a slow router carries out its write, the next steering does not repeat it") {
    SteeringRun run;
    run.start_and_settle();
    run.sim().command(R"({"cmd":"slow","ms":1000})");
    const auto before = run.sim().requests("PATCH");
    run.primary().congest();
    REQUIRE(wait_until([&] { return run.sim().requests("PATCH") > before; }));
    kill_steering(run);
    run.start();
    CHECK(run.right_after("steering killed with a write under way", true) < kRightWithinS);
    CHECK(run.history().to_enabled == Toggles{true});
}

TEST_CASE(
    "the router gone and the primary killed at once: off once, soon after the router's return") {
    SteeringRun run;
    const std::string way = GENERATE(R"({"cmd":"unreachable"})",
                                     R"({"cmd":"user","user":"wanctl","password":"changed"})");
    const bool hung = GENERATE(false, true);
    steer(run);
    run.sim().command(way);
    run.primary().process().signal(hung ? SIGSTOP : SIGKILL);
    REQUIRE(run.until_state(SteeringState::good));
    REQUIRE(run.until([](const SteeringRecord& record) {
        return record.router_state != number_of(RouterState::ok) &&
               (record.flags & kSteeringWritePending) != 0;
    }));
    CHECK(run.rule_enabled());
    run.sim().command(R"({"cmd":"clear"})");
    CHECK(run.right_after(fmt::format("{} and primary {}", way, hung ? "hung" : "killed"), false) <
          kRightWithinS);
    CHECK(run.history().to_enabled == Toggles{true, false});
    CHECK(run.newest()->last_reason == number_of(SteeringReason::stale));
}

TEST_CASE("the router gone while the primary goes down for good: on once, and it stays on") {
    SteeringRun run;
    run.start_and_settle();
    run.sim().command(R"({"cmd":"reboot","for_s":2,"ids":"new"})");
    run.primary().tell("dark 3");
    REQUIRE(run.until_state(SteeringState::degraded));
    kill_primary(run);
    CHECK(run.right_after("router restarts, primary down and killed", true) < kRightWithinS);
    REQUIRE(run.until([](const SteeringRecord& record) { return record.held_ns > 2'000'000'000; }));
    CHECK(run.right(true));
    CHECK(run.history().to_enabled == Toggles{true});
}

TEST_CASE("steering and the primary killed at once: the next steering releases the rule, once") {
    SteeringRun run;
    steer(run);
    kill_primary(run);
    kill_steering(run);
    SECTION("the router answers") {}
    SECTION("the router is away at the start") {
        run.sim().command(R"({"cmd":"unreachable","for_s":2})");
    }
    run.start();
    CHECK(run.right_after("steering and primary killed", false) < kRightWithinS);
    CHECK(run.history().to_enabled == Toggles{true, false});
    // Not at once: it took the rule as it found it, and waited for data.
    CHECK(run.newest()->last_reason == number_of(SteeringReason::stale));
}

TEST_CASE("a stop waits up to exit_write_s for a router that is slow or comes back") {
    SteeringRun run;
    steer(run);
    SECTION("slow") {
        run.sim().command(R"({"cmd":"slow","ms":1000})");
    }
    SECTION("back in time") {
        run.sim().command(R"({"cmd":"unreachable","for_s":2})");
    }
    CHECK(run.daemon().stop() == 0);
    INFO(run.log());
    CHECK_FALSE(run.rule_enabled());
    CHECK(run.newest()->last_reason == number_of(SteeringReason::exit));
    CHECK(run.history().to_enabled == Toggles{true, false});
    CHECK(run.logged("stopped before the router confirmed") == 0);
}

TEST_CASE("SIGUSR2 and a second SIGTERM do not wait for a router that is away") {
    SteeringRun run;
    run.config().set("router.exit_write_s", "60");
    steer(run);
    const bool keep = GENERATE(true, false);
    run.sim().command(R"({"cmd":"unreachable"})");
    run.daemon().signal(keep ? SIGUSR2 : SIGTERM);
    if (!keep) {
        REQUIRE(wait_until([&] { return run.logged("steering ends") == 1; }));
        CHECK(run.daemon().running());
        run.daemon().signal(SIGTERM);
    }
    CHECK(run.daemon().wait() == 0);
    CHECK(run.rule_enabled());
}

TEST_CASE("a stop of steering that does not steer writes nothing") {
    SteeringRun run;
    run.start_and_settle();
    CHECK(run.daemon().stop() == 0);
    CHECK(run.sim().requests("PATCH") == 0);
}
