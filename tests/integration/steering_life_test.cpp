// wanctl-steering through its life: what it knows survives its end, its configuration may change
// while it runs, and it says what is wrong around it.
#include <csignal>
#include <cstdio>
#include <filesystem>

#include <fmt/format.h>

#include "common/state/state_file.hpp"
#include "shm/directory.hpp"
#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/steering_run.hpp"
#include "tests/support/wait_until.hpp"
#include "tests/support/webhook_receiver.hpp"
#include "tests/unit/history/sql_file.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

constexpr auto kSteeredBefore = "going on from the state before";
constexpr auto kReread = "info configuration re-read";
constexpr auto kRefused = "error configuration not re-read: the old one stays";

auto last_reason_is(SteeringReason reason) {
    return
        [reason](const SteeringRecord& record) { return record.last_reason == number_of(reason); };
}

std::string state_file(const SteeringRun& run) {
    return run.files().file("steering.state");
}

bool saved(const std::string& path, const std::string& words) {
    return wait_until([&] {
        const auto text = read_state_file(path, 1);
        return text && *text && says(**text, words);
    });
}
// Once it holds what was decided.
bool saved_as_steering(const std::string& path) {
    return saved(path, "\"state\":1");
}

// As if the machine had been started anew.
void forget_ring() {
    std::remove(shm::object_path("steering").c_str());
}

void kill(SteeringRun& run) {
    run.daemon().signal(SIGKILL);
    REQUIRE(run.daemon().wait());
}

void reload(SteeringRun& run, const std::string& answer) {
    const bool answered = run.reload(answer);
    INFO(run.log());
    REQUIRE(answered);
}

Ended check(SteeringRun& run) {
    return run_to_end({WANCTL_STEERING, "check", "--config", run.files().file("steering.toml")});
}

}  // namespace

TEST_CASE("a crash and the loss of the ring leave hold-down, toggles and alerts to the file") {
    SteeringRun run;
    run.config()
        .set("confidence.hold_down_s", "6.0")
        .set("alert", R"([{ type = "steering_on", sustain_s = 0 }])");
    run.start_and_settle();
    run.congest_and_wait();
    const auto begun = run.newest()->state_since_ns;
    // Saved at once, not a minute later.
    REQUIRE(saved_as_steering(state_file(run)));
    CHECK(run.logged("type=steering_on phase=raised") == 1);
    REQUIRE(saved(state_file(run), "\"raised\":1"));
    kill(run);
    forget_ring();
    run.primary().calm();
    run.start_and_settle();
    REQUIRE(run.until(last_reason_is(SteeringReason::adopted)));
    INFO(run.log());
    CHECK(run.logged(kSteeredBefore) == 1);
    CHECK(run.logged("from=\"the state file\"") == 1);
    CHECK(run.newest()->state == number_of(SteeringState::degraded));
    CHECK(run.newest()->state_since_ns == begun);
    CHECK(run.newest()->toggles == 1);
    REQUIRE(run.until_rule(false));
    REQUIRE(run.until(last_reason_is(SteeringReason::recovered)));
    CHECK(run.newest()->last_at_ns - begun >= 6'000'000'000);
    CHECK(run.newest()->toggles == 2);
    CHECK(run.history().to_enabled == std::vector<bool>{true, false});
    CHECK(run.logged("type=steering_on phase=raised") == 0);
    CHECK(wait_until([&] { return run.logged("type=steering_on phase=recovered") == 1; }));
}

TEST_CASE("the end of an alert is told once, by the daemon that sees it, at the alert's sink") {
    SteeringRun run;
    const WebhookReceiver receiver;
    const auto posts = [&](const std::string& phase) {
        const std::string got = receiver.got();
        const std::string words = R"(\"phase\":\")" + phase;
        std::size_t count = 0;
        for (auto at = got.find(words); at != got.npos; at = got.find(words, at + 1)) ++count;
        return count;
    };
    const auto told = [&](const std::string& phase, std::size_t times) {
        return wait_until([&] { return posts(phase) == times; });
    };
    const std::string alerts =
        R"([{ type = "steering_on", severity = "critical", sustain_s = 0, cooldown_s = 0, )"
        R"(sinks = ["ops"] }])";
    run.config()
        .set("alert", alerts)
        .set("state.save_s", "1")
        .set("sink.ops", fmt::format(R"({{ kind = "json", url_file = "{}" }})",
                                     run.files().write("url", receiver.url() + "/x\n")));
    run.start_and_settle();
    run.congest_and_wait();
    REQUIRE(told("raised", 1));
    // Nobody would be left to tell it.
    CHECK(run.daemon().stop() == 0);
    CHECK(run.logged("phase=recovered") == 0);
    CHECK(saved(state_file(run), "\"raised\":1"));

    // Nobody knows where the rule leads.
    run.primary().calm();
    run.sim().command(R"({"cmd":"unreachable"})");
    run.start();
    REQUIRE(run.until([](const SteeringRecord& record) {
        return record.router_state == number_of(RouterState::unreachable) && record.slot > 5;
    }));
    CHECK(run.logged("phase=recovered") == 0);
    kill(run);
    run.sim().command(R"({"cmd":"clear"})");
    run.start_and_settle();
    CHECK(told("recovered", 1));

    run.congest_and_wait();
    REQUIRE(told("raised", 2));
    REQUIRE(saved(state_file(run), "\"raised\":1"));
    kill(run);
    // Its rule is taken out while nobody is there.
    const std::string database = run.files().file("history.db");
    run.config()
        .set("alert", "[]")
        .set("history.enabled", "true")
        .set("history.path", toml_string(database));
    run.start_and_settle();
    CHECK(told("recovered", 2));
    CHECK(posts(R"(recovered\",\"severity\":\"critical)") == 2);
    CHECK(wait_until([&] { return run.logged("phase=recovered outcome=delivered") == 1; }));
    CHECK(saved(state_file(run), "\"alerts\":[]"));
    CHECK(run.daemon().stop() == 0);
    CHECK(SqlFile(database).one("SELECT detail->>'sink' || ' ' || (detail->>'outcome') FROM events "
                                "WHERE kind = 'alert'") == "ops delivered");
    run.start_and_settle();
    CHECK(run.daemon().stop() == 0);
    CHECK(run.logged("phase=recovered") == 0);
    CHECK(posts("raised") == 2);
    CHECK(posts("recovered") == 2);
}

TEST_CASE("history_lost is over when the history is switched off, by SIGHUP or between two lives") {
    SteeringRun run;
    const auto told = [&](const std::string& phase) {
        return wait_until([&] { return run.logged("type=history_lost phase=" + phase) == 1; });
    };
    run.config()
        .set("alert", R"([{ type = "history_lost", sustain_s = 0, cooldown_s = 0 }])")
        .set("history.enabled", "true")
        .set("history.path", toml_string("/proc/nowhere/history.db"));
    run.start_and_settle();
    CHECK(told("raised"));
    CHECK(run.daemon().stop() == 0);
    run.config().set("history.enabled", "false");
    run.start_and_settle();
    CHECK(told("recovered"));
    run.config().set("history.enabled", "true");
    reload(run, kReread);
    CHECK(told("raised"));
    run.config().set("history.enabled", "false");
    reload(run, kReread);
    CHECK(wait_until([&] { return run.logged("phase=recovered") == 2; }));
}

TEST_CASE("a daemon that never reached the router leaves what the one before knew") {
    SteeringRun run;
    run.config().set("confidence.hold_down_s", "60.0");
    run.start_and_settle();
    run.congest_and_wait();
    const auto begun = run.newest()->state_since_ns;
    REQUIRE(saved_as_steering(state_file(run)));
    kill(run);
    run.primary().calm();
    run.sim().command(R"({"cmd":"unreachable"})");
    run.start();
    REQUIRE(run.until([](const SteeringRecord& record) {
        return record.router_state == number_of(RouterState::unreachable) && record.slot > 5;
    }));
    // Whatever makes it save: it has nothing better to tell.
    forget_ring();
    std::filesystem::create_directory(run.files().path() / "other");
    run.config().set("state.dir", toml_string(run.files().file("other")));
    reload(run, kReread);
    REQUIRE(saved_as_steering(run.files().file("other/steering.state")));
    kill(run);
    run.sim().command(R"({"cmd":"clear"})");
    run.start_and_settle();
    REQUIRE(run.until(last_reason_is(SteeringReason::adopted)));
    INFO(run.log());
    CHECK(run.newest()->state_since_ns == begun);
}

TEST_CASE("a stop saves what is to be known, and a start without a rule that is on begins calm") {
    SteeringRun run;
    run.start_and_settle();
    run.congest_and_wait();
    CHECK(run.daemon().stop() == 0);
    CHECK(std::filesystem::exists(state_file(run)));
    forget_ring();
    run.primary().calm();
    run.start_and_settle();
    INFO(run.log());
    CHECK(run.logged("state=GOOD from=\"the state file\"") == 1);
    CHECK(run.newest()->state == number_of(SteeringState::good));
    CHECK(run.logged("steering goes on") == 0);
}

TEST_CASE("a damaged state file is set aside, a directory that is not there is told; both steer") {
    SteeringRun run;
    const bool damaged = GENERATE(true, false);
    if (damaged)
        run.files().write("steering.state", "wanctl-state 1 8a7bd5d2 3\n{}\n");
    else
        run.config().set("state.dir", toml_string(run.files().file("nowhere")));
    run.start_and_settle();
    run.congest_and_wait();
    INFO(run.log());
    if (damaged) {
        CHECK(run.logged("set_aside=" + state_file(run) + ".damaged") == 1);
        CHECK(wait_until([&] { return std::filesystem::exists(state_file(run)); }));
    } else {
        CHECK(wait_until([&] { return run.logged("warning state is not saved") == 1; }));
        CHECK(run.logged("create the directory " + run.files().file("nowhere")) == 1);
    }
    run.primary().calm();
    CHECK(run.until_rule(false));
    CHECK(run.daemon().stop() == 0);
}

TEST_CASE("SIGHUP takes other thresholds and another login over, and what is decided stays") {
    SteeringRun run;
    run.start_and_settle();
    run.congest_and_wait();
    REQUIRE(run.until(last_reason_is(SteeringReason::congested)));
    const auto before = *run.newest();
    run.config()
        .set("confidence.hold_down_s", "60.0")
        .set("confidence.steer", "50")
        .set("router.connect_timeout_ms", "2000")
        .set("log.level", toml_string("debug"));
    reload(run, kReread);
    INFO(run.log());
    CHECK(run.logged("info configuration changed") == 4);
    CHECK(run.logged("key=confidence.hold_down_s from=0.3 to=60") == 1);
    // The other timeout takes another connection: the rule is read over it, and adopted once only.
    REQUIRE(run.until([&](const SteeringRecord& now) {
        return now.steer_threshold == 50 && now.rule_age_ns >= 0 &&
               now.rule_age_ns < now.mono_ns - before.mono_ns &&
               now.router_state == number_of(RouterState::ok);
    }));
    run.primary().calm();
    REQUIRE(run.until([](const SteeringRecord& now) {
        return now.reason == number_of(SteeringReason::hold_down) && now.score == 0;
    }));
    const auto after = *run.newest();
    CHECK(after.state_since_ns == before.state_since_ns);
    CHECK(after.last_at_ns == before.last_at_ns);
    CHECK(after.wan[0].seen > before.wan[0].seen);
    CHECK(after.wan[0].restarts == 0);
    CHECK(after.limit_ns == 60'000'000'000);
    CHECK(run.history().to_enabled == std::vector<bool>{true});
    CHECK(run.logged("steering goes on") == 0);
    // And it ends as the new configuration says.
    run.config().set("failsafe.on_exit", toml_string("keep"));
    reload(run, kReread);
    CHECK(run.daemon().stop() == 0);
    CHECK(run.rule_enabled());
}

TEST_CASE("SIGHUP turns dry_run off: what it would have done is done") {
    SteeringRun run;
    run.config().set("decide.dry_run", "true");
    run.start_and_settle();
    run.primary().congest();
    REQUIRE(run.until_state(SteeringState::degraded));
    CHECK_FALSE(run.rule_enabled());
    run.config().set("decide.dry_run", "false");
    reload(run, kReread);
    CHECK(run.until_rule(true));
    CHECK(run.until([](const SteeringRecord& now) { return (now.flags & kSteeringDryRun) == 0; }));
    CHECK(run.history().to_enabled == std::vector<bool>{true});
}

TEST_CASE("SIGHUP reads a changed password, and shows none") {
    SteeringRun run;
    run.files().write("pw", "wr0ng-r4nd0m\n");
    run.config().set("router.password_file", toml_string(run.files().file("pw")));
    run.start();
    REQUIRE(run.until([](const SteeringRecord& now) {
        return now.router_state == number_of(RouterState::unauthorized);
    }));
    run.files().write("pw", "sim-password\n");
    reload(run, "configuration re-read: nothing has changed");
    CHECK(run.until(
        [](const SteeringRecord& now) { return now.router_state == number_of(RouterState::ok); }));
    CHECK(run.logged("r4nd0m") == 0);
    CHECK(run.logged("sim-password") == 0);
    CHECK(wait_until([&] { return run.logged("the router's set-up for steering is right") == 1; }));
}

TEST_CASE("what needs a restart refuses steering's whole file and is named; so does a bad file") {
    SteeringRun run;
    run.start_and_settle();
    const std::string good = run.config().text();
    run.config()
        .set("primary", toml_string("other"))
        .set("alternate", toml_string("another"))
        .set("router.url", toml_string("https://127.0.0.1:1"))
        .set("rule.comment", toml_string("another rule"))
        .set("shm.owner", toml_string("root"))
        .set("confidence.steer", "50");
    reload(run, kRefused);
    INFO(run.log());
    for (const auto* key : {"primary", "alternate", "router.url", "rule.comment", "shm.owner"}) {
        CHECK(run.logged(fmt::format("{}, ", key)) + run.logged(fmt::format("{}: needs", key)) >=
              1);
    }
    CHECK(run.logged("needs a restart to change; nothing of this file was taken over") == 1);
    run.files().write("steering.toml", good + "[broken");
    run.daemon().signal(SIGHUP);
    REQUIRE(wait_until([&] { return run.logged(kRefused) == 2; }));
    REQUIRE(run.decisions_pass(3));
    CHECK(run.newest()->steer_threshold == 55);
    run.congest_and_wait();
}

TEST_CASE("a start tells once what is wrong with the router's set-up and what mends it") {
    SteeringRun run;
    run.sim().command(
        R"({"cmd":"rule-set","comment":"steered connections leave by WAN2","value":"yes"})");
    const std::string before = run.configuration();
    run.start_and_settle();
    REQUIRE(wait_until([&] { return run.logged("flaw=companion_disabled") == 1; }));
    INFO(run.log());
    CHECK(run.logged("this mends it: /ip/firewall/mangle") == 1);
    REQUIRE(run.decisions_pass(5));
    CHECK(run.logged("flaw=") == 1);
    CHECK(run.configuration() == before);
    CHECK(run.sim().requests("PATCH") == 0);
}

TEST_CASE("a router that is slow and spoils a reply of the set-up delays and stops nothing") {
    SteeringRun run;
    run.sim().command(R"({"cmd":"slow","ms":300})");
    run.start_and_settle();
    run.sim().command(R"({"cmd":"spoil","how":"truncated","count":1})");
    REQUIRE(wait_until([&] { return run.logged("the router's set-up was not checked") == 1; }));
    run.congest_and_wait();
    run.primary().calm();
    CHECK(run.until_rule(false));
    CHECK(run.logged("the router's set-up") == 1);
}

TEST_CASE("a restart of an idle router is noticed when its connection ends, and made good") {
    SteeringRun run;
    run.start_and_settle();
    REQUIRE(
        wait_until([&] { return run.logged("the router's set-up for steering is right") == 1; }));
    run.sim().command(
        fmt::format(R"({{"cmd":"rule-set","comment":"{}","value":"no"}})", kSteeringRule));
    run.sim().command(R"({"cmd":"reboot","for_s":1,"ids":"swapped"})");
    // The reading that comes of itself is half a minute away.
    REQUIRE(run.until_rule(false));
    INFO(run.log());
    CHECK(run.logged("somebody else changed the rule") == 1);
    CHECK(run.until([](const SteeringRecord& now) {
        return now.router_state == number_of(RouterState::ok) &&
               now.rule_read == number_of(RuleState::disabled);
    }));
    CHECK(run.history().to_enabled == std::vector<bool>{true, false});
}

TEST_CASE("names that fit no ring are an error that names those present, also of the check") {
    SteeringRun run;
    run.config().set("primary", toml_string("nowhere"));
    run.start();
    REQUIRE(run.until([](const SteeringRecord& now) {
        return now.wan[0].source == number_of(SourceState::absent);
    }));
    const Ended wrong = check(run);
    CHECK(wrong.code == 1);
    CHECK(wrong.out.find("ring_missing: primary = \"nowhere\" is the name of no ring; present: "
                         "cable, dsl;") == 0);
    REQUIRE(wait_until([&] {
        return run.logged("error primary = \\\"nowhere\\\"") +
                   run.logged("error primary = \"nowhere\"") ==
               1;
    }));
    CHECK(run.logged("present: cable, dsl;") == 1);
    // It waits on.
    LineFeeder late("nowhere");
    REQUIRE(run.until([](const SteeringRecord& now) {
        return now.wan[0].source == number_of(SourceState::live);
    }));
    CHECK(check(run).code == 0);
    std::remove(shm::object_path("nowhere").c_str());
}
