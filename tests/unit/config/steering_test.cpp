#include <algorithm>
#include <string>

#include "common/config/parse.hpp"
#include "common/config/reference_text.hpp"
#include "tests/unit/config/sample.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

// Line 1 is `primary`, line 2 `alternate`, line 3 [router]; tests state positions in it.
const std::string kSteering = R"(primary = "cable"
alternate = "dsl"
[router]
url = "https://192.168.88.1"
user = "wanctl"
password_env = "PW"
[rule]
comment = "ADAPTIVE: Steer latency-sensitive to WAN2"
)";

std::string steering_errors(const std::string& text) {
    const ParsedSteering parsed = parse_steering(text, "f.toml");
    return parsed ? "" : messages(parsed.error());
}

SteeringConfig steering(const std::string& text) {
    const ParsedSteering parsed = parse_steering(text, "f.toml");
    INFO((parsed ? std::string() : messages(parsed.error())));
    REQUIRE(parsed);
    return parsed->config;
}

}  // namespace

TEST_CASE("the smallest steering file has the documented defaults") {
    const SteeringConfig config = steering(kSteering);
    CHECK(config.primary == "cable");
    CHECK(config.alternate == "dsl");
    CHECK(config.rule.comment == "ADAPTIVE: Steer latency-sensitive to WAN2");
    CHECK(config.rule.reconcile == Reconcile::restore);
    CHECK(config.decide.policy == SteeringPolicy::confidence);
    CHECK_FALSE(config.decide.dry_run);
    CHECK(config.three_state.yellow_rtt == Millis(15));
    CHECK(config.three_state.red_rtt == Millis(15));
    CHECK(config.three_state.min_drops_red == 1);
    CHECK(config.three_state.min_queue_yellow == 10);
    CHECK(config.three_state.min_queue_red == 50);
    CHECK(config.three_state.red == std::chrono::milliseconds(100));
    CHECK(config.three_state.green == std::chrono::milliseconds(750));
    CHECK(config.three_state.rtt_ewma_alpha.value == 0.3);
    CHECK(config.confidence.steer == 55);
    CHECK(config.confidence.recover == 20);
    CHECK(config.confidence.sustain == std::chrono::seconds(2));
    CHECK(config.confidence.recovery_sustain == std::chrono::seconds(3));
    CHECK(config.confidence.hold_down == std::chrono::seconds(30));
    CHECK(config.flap.window == std::chrono::seconds(300));
    CHECK(config.flap.max_toggles == 4);
    CHECK(config.flap.penalty_time == std::chrono::seconds(60));
    CHECK(config.flap.penalty == 15);
    CHECK_FALSE(config.failsafe.require_alternate);
    CHECK(config.failsafe.stale == std::chrono::seconds(1));
    CHECK(config.failsafe.stale_release == std::chrono::seconds(30));
    CHECK(config.failsafe.on_exit == ReleaseOnExit::release);
}

TEST_CASE("values of a steering file arrive where they belong") {
    const SteeringConfig config = steering(kSteering + R"(reconcile = "report"
[decide]
policy = "three-state"
dry_run = true
[three_state]
red_rtt_ms = 30
red_s = 0.2
[confidence]
steer = 70
[failsafe]
on_exit = "keep"
require_alternate = true
)");
    CHECK(config.rule.reconcile == Reconcile::report);
    CHECK(config.decide.policy == SteeringPolicy::three_state);
    CHECK(config.decide.dry_run);
    CHECK(config.three_state.red_rtt == Millis(30));
    CHECK(config.three_state.red == std::chrono::milliseconds(200));
    CHECK(config.confidence.steer == 70);
    CHECK(config.failsafe.on_exit == ReleaseOnExit::keep);
    CHECK(config.failsafe.require_alternate);
}

TEST_CASE("all errors of a steering file are told at once, each at its place") {
    const std::string text = steering_errors(R"(primary = "cable"
alternate = "cable"
[router]
url = "https://192.168.88.1"
user = "wanctl"
password_env = "PW"
[rule]
comment = ""
[decide]
policy = "both"
[three_state]
yellow_rtt_ms = 20
[confidence]
recover = 55
sustains = 2
[failsafe]
stale_release_s = 1
)");
    INFO(text);
    CHECK(text.find("f.toml:2:13: alternate: is the same WAN as primary") != std::string::npos);
    CHECK(text.find("f.toml:8:11: rule.comment:") != std::string::npos);
    CHECK(text.find("f.toml:10:10: decide.policy:") != std::string::npos);
    CHECK(text.find("f.toml:12:17: three_state.yellow_rtt_ms: red_rtt_ms = 15 is below") !=
          std::string::npos);
    CHECK(text.find("f.toml:14:11: confidence.recover: recover = 55 is not below steer = 55") !=
          std::string::npos);
    CHECK(text.find("f.toml:15:1: confidence.sustains") != std::string::npos);
    CHECK(text.find("failsafe.stale_release_s: stale_release_s = 1 is not above stale_s = 1") !=
          std::string::npos);
    CHECK(std::count(text.begin(), text.end(), '\n') == 7);
}

TEST_CASE("names and comments that cannot be right are refused") {
    CHECK(steering_errors(replaced(kSteering, "\"dsl\"", "\"steering\"")).find("alternate") !=
          std::string::npos);
    CHECK(steering_errors(replaced(kSteering, "\"cable\"", "\"Cable\"")).find("primary") !=
          std::string::npos);
    CHECK(steering_errors(replaced(kSteering, "WAN2", "WAN2\\n")).find("rule.comment") !=
          std::string::npos);
    CHECK(steering_errors(kSteering + "[three_state]\ngreen_rtt_ms = 15\n").find("green_rtt_ms") !=
          std::string::npos);
    CHECK(steering_errors(kSteering + "[three_state]\nmin_queue_yellow = 51\n")
              .find("min_queue_yellow") != std::string::npos);
    CHECK(steering_errors("").find("primary: is required") != std::string::npos);
}

TEST_CASE("a penalty that no score can pass is warned of") {
    const ParsedSteering parsed =
        parse_steering(kSteering + "[confidence]\nsteer = 90\n", "f.toml");
    REQUIRE(parsed);
    CHECK(messages(parsed->warnings).find("flap.penalty: penalty = 15") != std::string::npos);
}

TEST_CASE("steering's printed reference lacks only what is required") {
    const std::string reference = steering_config_reference();
    const ParsedSteering result = parse_steering(reference, "reference");
    REQUIRE_FALSE(result);
    INFO(messages(result.error()));
    CHECK(result.error().size() == 6);
    for (const ConfigError& error : result.error()) {
        CHECK(error.message.find("is required") == 0);
    }
}
