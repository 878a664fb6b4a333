// wanctl-steering, the real program, against the simulated router: what it does to the one rule,
// and that it does nothing else.
#include <chrono>
#include <csignal>
#include <thread>

#include <fmt/format.h>

#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/steering_run.hpp"
#include "tests/support/wait_until.hpp"
#include "tests/support/webhook_receiver.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

auto last_reason_is(SteeringReason reason) {
    return [reason](const SteeringRecord& record) {
        return record.last_reason == number_of(reason) &&
               record.last_outcome == number_of(WriteOutcome::applied);
    };
}

}  // namespace

TEST_CASE("congestion enables the rule by one PATCH, recovery disables it by one, nothing else") {
    SteeringRun run;
    // A rule tells more of itself once it has been switched.
    run.set_rule(true);
    run.set_rule(false);
    const std::string before = run.configuration();
    run.start_and_settle();
    CHECK_FALSE(run.rule_enabled());
    run.congest_and_wait();
    CHECK(run.until(last_reason_is(SteeringReason::congested)));
    CHECK(run.newest()->last_http_status == 200);
    CHECK(run.newest()->rule_read == number_of(RuleState::enabled));
    run.primary().calm();
    REQUIRE(run.until_rule(false));
    CHECK(run.until(last_reason_is(SteeringReason::recovered)));
    INFO(run.log());
    CHECK(run.history().to_enabled == Toggles{true, false, true, false});
    CHECK(run.sim().requests("PATCH") == 2);
    CHECK(run.logged("steering begins") == 1);
    CHECK(run.logged("code=recovered") == 1);
    CHECK(run.daemon().stop() == 0);
    CHECK(run.configuration() == before);
}

TEST_CASE("a primary whose writer is killed releases the rule after stale_release_s, once") {
    SteeringRun run;
    run.start_and_settle();
    run.congest_and_wait();
    run.primary().process().signal(SIGKILL);
    REQUIRE(run.until_rule(false));
    CHECK(run.until(last_reason_is(SteeringReason::stale)));
    CHECK(run.newest()->wan[0].source == number_of(SourceState::dead));
    REQUIRE(run.decisions_pass(20));
    CHECK(run.history().to_enabled == Toggles{true, false});
    CHECK(run.logged("ring=dead") == 1);
}

TEST_CASE("a primary whose writer hangs releases the rule, and its return is seen") {
    SteeringRun run;
    run.start_and_settle();
    run.congest_and_wait();
    run.primary().process().signal(SIGSTOP);
    REQUIRE(run.until_rule(false));
    CHECK(run.until(last_reason_is(SteeringReason::stale)));
    run.primary().process().signal(SIGCONT);
    REQUIRE(run.until_rule(true));
    CHECK(run.newest()->wan[0].restarts == 0);
}

TEST_CASE("steering that stood still counts the ticks it missed, though the lines wake it first") {
    SteeringRun run;
    run.start_and_settle();
    const auto before = run.newest()->missed_slots;
    run.daemon().signal(SIGSTOP);
    std::this_thread::sleep_for(std::chrono::seconds(1));
    run.daemon().signal(SIGCONT);
    REQUIRE(
        run.until([&](const SteeringRecord& record) { return record.missed_slots >= before + 8; }));
    REQUIRE(run.decisions_pass(20));
}

TEST_CASE("a primary's writer that restarts is followed, and its records decide again") {
    SteeringRun run;
    run.start_and_settle();
    run.primary().process().signal(SIGKILL);
    REQUIRE(run.primary().process().wait());
    REQUIRE(run.until(reason_is(SteeringReason::no_data)));
    run.restart_primary();
    REQUIRE(run.until(reason_is(SteeringReason::quiet)));
    CHECK(run.newest()->wan[0].restarts == 1);
    run.congest_and_wait();
    CHECK(run.history().to_enabled == Toggles{true});
}

TEST_CASE("a last record that says blackout keeps the rule on without data") {
    SteeringRun run;
    run.start_and_settle();
    run.primary().tell("dark 3");
    REQUIRE(run.until_rule(true));
    CHECK(run.until(last_reason_is(SteeringReason::pri_blackout)));
    run.primary().process().signal(SIGKILL);
    REQUIRE(run.until(reason_is(SteeringReason::pri_down)));
    // Twice as long as it takes to release it otherwise.
    REQUIRE(run.until([](const SteeringRecord& record) { return record.held_ns > 2'000'000'000; }));
    CHECK(run.rule_enabled());
}

TEST_CASE("SIGTERM releases the rule, SIGUSR2 and on_exit = \"keep\" leave it") {
    SteeringRun run;
    const int signal = GENERATE(SIGTERM, SIGUSR2, SIGINT);
    const bool keep = GENERATE(false, true);
    if (keep) run.config().set("failsafe.on_exit", toml_string("keep"));
    run.start_and_settle();
    run.congest_and_wait();
    run.daemon().signal(signal);
    REQUIRE(run.daemon().wait() == 0);
    INFO(run.log());
    CHECK(run.rule_enabled() == (keep || signal == SIGUSR2));
    const auto last = run.newest();
    CHECK((last->flags & kSteeringStopping) != 0);
    CHECK(last->last_reason ==
          number_of(run.rule_enabled() ? SteeringReason::congested : SteeringReason::exit));
}

TEST_CASE("a stop gives up after exit_write_s when the router is away, and says so") {
    SteeringRun run;
    run.config().set("router.exit_write_s", "1");
    run.start_and_settle();
    run.congest_and_wait();
    run.sim().stop();
    CHECK(run.daemon().stop() == 0);
    CHECK(run.logged("stopped before the router confirmed the rule's release") == 1);
}

TEST_CASE(
    "a rule that is missing or there twice is named, and nothing is changed until it is one") {
    SteeringRun run;
    const bool missing = GENERATE(true, false);
    if (missing)
        run.config().set("rule.comment", toml_string("no such rule"));
    else
        run.sim().command(
            fmt::format(R"({{"cmd":"rule-duplicate","comment":"{}"}})", kSteeringRule));
    const std::string before = run.configuration();
    run.start();
    const auto status = missing ? RuleStatus::missing : RuleStatus::ambiguous;
    REQUIRE(run.until(
        [&](const SteeringRecord& record) { return record.rule_status == number_of(status); }));
    run.primary().congest();
    REQUIRE(run.until_state(SteeringState::degraded));
    REQUIRE(wait_until([&] { return run.sim().requests("GET") >= 4; }));
    INFO(run.log());
    CHECK(run.logged(missing ? "has the comment \\\"no such rule\\\"" : "2 rules in") == 1);
    CHECK(run.configuration() == before);
    CHECK(run.sim().requests("PATCH") == 0);
    if (missing) return;
    run.sim().command(fmt::format(R"({{"cmd":"rule-delete","comment":"{}"}})", kSteeringRule));
    CHECK(run.until([](const SteeringRecord& record) {
        return record.rule_status == number_of(RuleStatus::missing);
    }));
}

TEST_CASE("dry_run decides and tells as ever, and writes nothing") {
    SteeringRun run;
    run.config().set("decide.dry_run", "true");
    const std::string before = run.configuration();
    run.start_and_settle();
    run.primary().congest();
    REQUIRE(run.until_state(SteeringState::degraded));
    const auto record = run.newest();
    CHECK((record->flags & kSteeringDryRun) != 0);
    CHECK(record->last_action == number_of(SteeringAction::enable));
    CHECK(record->rule_wanted == number_of(RuleState::enabled));
    CHECK(record->rule_read == number_of(RuleState::disabled));
    run.primary().calm();
    REQUIRE(run.until_state(SteeringState::good));
    CHECK(run.logged("dry_run=true") == 2);
    CHECK(run.daemon().stop() == 0);
    CHECK(run.sim().requests("PATCH") == 0);
    CHECK(run.configuration() == before);
}

TEST_CASE("a start adopts a rule that is on, and its predecessor's hold-down goes on") {
    SteeringRun run;
    run.config().set("confidence.hold_down_s", "5.0");
    run.start_and_settle();
    run.congest_and_wait();
    REQUIRE(run.until(last_reason_is(SteeringReason::congested)));
    const auto begun = run.newest()->last_at_ns;
    run.daemon().signal(SIGKILL);
    REQUIRE(run.daemon().wait());
    run.primary().calm();
    run.start_and_settle();
    REQUIRE(run.until([](const SteeringRecord& record) {
        return record.last_reason == number_of(SteeringReason::adopted);
    }));
    CHECK(run.newest()->state == number_of(SteeringState::degraded));
    CHECK(run.newest()->last_at_ns == begun);
    CHECK(run.logged("hold_down=\"as it was\"") == 1);
    REQUIRE(run.until_rule(false));
    REQUIRE(run.until(last_reason_is(SteeringReason::recovered)));
    CHECK(run.newest()->last_at_ns - begun >= 5'000'000'000);
    CHECK(run.history().to_enabled == Toggles{true, false});
}

TEST_CASE("a rule that somebody else changed is put right within half a minute, or left and told") {
    SteeringRun run;
    const bool restore = GENERATE(true, false);
    if (!restore) run.config().set("rule.reconcile", toml_string("report"));
    run.start_and_settle();
    run.set_rule(true);
    REQUIRE(wait_until([&] { return run.logged("somebody else changed the rule") == 1; },
                       3 * kPatience));
    if (restore) {
        REQUIRE(run.until_rule(false));
        CHECK(run.until(last_reason_is(SteeringReason::restored)));
        CHECK(run.history().to_enabled == Toggles{true, false});
        return;
    }
    REQUIRE(run.decisions_pass(20));
    CHECK(run.rule_enabled());
    CHECK((run.newest()->flags & kSteeringRuleChanged) != 0);
    CHECK(run.sim().requests("PATCH") == 0);
    // The next decision counts again.
    run.primary().congest();
    REQUIRE(run.until_state(SteeringState::degraded));
    run.primary().calm();
    REQUIRE(run.until_rule(false));
}

TEST_CASE("a router that restarts is read again, and holds what is wanted soon after") {
    SteeringRun run;
    run.start_and_settle();
    run.congest_and_wait();
    REQUIRE(run.until(last_reason_is(SteeringReason::congested)));
    // Begins anew with the rule off: the decision that follows finds it so.
    run.sim().restart();
    REQUIRE_FALSE(run.rule_enabled());
    run.primary().calm();
    REQUIRE(run.until(reason_is(SteeringReason::quiet)));
    run.congest_and_wait();
    CHECK(run.until([](const SteeringRecord& record) {
        return record.router_state == number_of(RouterState::ok) &&
               record.rule_read == number_of(RuleState::enabled);
    }));
}

TEST_CASE("two at once cannot be") {
    SteeringRun run;
    run.start_and_settle();
    const auto second =
        run_to_end({WANCTL_STEERING, "--config", run.files().file("steering.toml")});
    CHECK(second.code == 75);
}

TEST_CASE("steering that begins and ends is told by webhook") {
    SteeringRun run;
    const WebhookReceiver receiver;
    const std::string url_file = run.files().write("url", receiver.url() + "/t0ken-5e1f\n");
    run.config()
        .set("alert", R"([{ type = "steering_on", sustain_s = 0, sinks = ["ops"] }])")
        .set("sink.ops", fmt::format(R"({{ kind = "discord", url_file = "{}" }})", url_file));
    run.start_and_settle();
    run.congest_and_wait();
    INFO(run.log());
    CHECK(wait_until([&] { return says(receiver.got(), "steering_on raised (warning)"); }));
    run.primary().calm();
    CHECK(wait_until([&] { return says(receiver.got(), "steering_on recovered (warning)"); }));
    CHECK(run.daemon().stop() == 0);
    CHECK_FALSE(says(run.log(), "t0ken-5e1f"));
}
