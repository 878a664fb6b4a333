// wanctl-steering beside a real wanctl-autorate on a simulated line, and over many episodes: the
// rule follows the line, and nothing else on the router is touched.
#include <csignal>

#include <cstdio>
#include <random>
#include <thread>

#include <fmt/format.h>

#include "shm/directory.hpp"
#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/full_run.hpp"
#include "tests/support/steering_run.hpp"
#include "tests/support/wait_until.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

// The primary's ring is written by wanctl-autorate, which measures a line behind the same router.
class RealPrimary {
  public:
    explicit RealPrimary(SteeringRun& run)
        : run_(run),
          config_(base_config(run.sim(), files_.write("stats-password", "stats-password\n"))) {
        config_.set("wan", toml_string(kPrimaryWan))
            .set("state.dir", toml_string(files_.path().string()))
            .set("download.floor_mbps", "30.0");
        run.primary().process().signal(SIGKILL);
        REQUIRE(run.primary().process().wait());
        forget();
    }
    [[nodiscard]] TomlText& config() { return config_; }
    // Neither ring nor state is left for it to go on from.
    void forget() {
        std::remove(shm::object_path(kPrimaryWan).c_str());
        std::remove(files_.file(std::string(kPrimaryWan) + ".state").c_str());
    }
    void start() {
        daemon_ = std::make_unique<ChildProcess>(std::vector<std::string>{
            autorate_program(), "--config", files_.write("cable.toml", config_.text())});
    }
    void kill() {
        daemon_->signal(SIGKILL);
        REQUIRE(daemon_->wait() == 128 + SIGKILL);
    }
    [[nodiscard]] std::string log() const { return daemon_->err(); }

    // Below the floor that autorate may go down to, and full; or idle and wide. The line's buffer
    // is 670 ms then: echoes are late, but not lost until it is a blackout, in which the rule
    // stays.
    void congest() {
        run_.sim().command(R"({"cmd":"capacity","download_kbit":24000,"upload_kbit":10000})");
        run_.sim().command(R"({"cmd":"flows","download":4,"upload":0})");
    }
    void calm() {
        run_.sim().command(R"({"cmd":"flows","download":0,"upload":0})");
        run_.sim().command(R"({"cmd":"capacity"})");
    }

  private:
    SteeringRun& run_;
    TempDir files_;
    TomlText config_;
    std::unique_ptr<ChildProcess> daemon_;
};

}  // namespace

TEST_CASE("a real autorate killed at any moment: its rule is released, and taken up by the next") {
    const int rounds = full_run() ? 20 : 2;
    SteeringRun run(line_settings());
    run.config().set("flap.penalty", "0");
    RealPrimary primary(run);
    primary.start();
    run.start_and_settle();
    primary.congest();
    std::minstd_rand random(5);
    std::uniform_int_distribution<int> moment(0, 500);
    Toggles expected;
    for (int round = 0; round < rounds; ++round) {
        INFO(round);
        if (round > 0) primary.start();
        const double on = run.right_after("autorate started on a congested line", true);
        INFO(run.log() << primary.log());
        REQUIRE(on < kRightWithinS);
        std::this_thread::sleep_for(std::chrono::milliseconds(moment(random)));
        primary.kill();
        const double off = run.right_after("autorate killed, stale_release_s included", false);
        REQUIRE(off < 1.0 + kRightWithinS);
        expected.insert(expected.end(), {true, false});
        REQUIRE(run.history().to_enabled == expected);
    }
    CHECK(run.newest()->last_reason == static_cast<std::uint8_t>(SteeringReason::stale));
}

TEST_CASE("a real autorate that begins with another baseline switches nothing by that") {
    SteeringRun run(line_settings());
    run.config().set("failsafe.stale_release_s", "10.0").set("confidence.hold_down_s", "3.0");
    RealPrimary primary(run);
    primary.start();
    run.start_and_settle();
    primary.congest();
    REQUIRE(run.right_after("", true) < kRightWithinS);
    primary.kill();
    primary.forget();
    primary.config().set("baseline.initial_ms", "35.0");
    primary.start();
    REQUIRE(run.until([](const SteeringRecord& record) {
        return record.wan[0].restarts == 1 && record.wan[0].delta_us > 100'000;
    }));
    CHECK(run.right(true));
    CHECK(run.history().to_enabled == Toggles{true});
    primary.calm();
    CHECK(run.right_after("autorate with another baseline, the line calm", false) < kRightWithinS);
    CHECK(run.history().to_enabled == Toggles{true, false});
}

// A day has 143 of the week's thousand episodes. Only the timers are short: each episode is decided
// and written as ever, amid all that may happen to router and daemon in a day.
TEST_CASE("a day of episodes toggles one rule twice each, and changes nothing else on the router") {
    const int episodes = full_run() ? 143 : 12;
    SteeringRun run;
    run.config().set("flap.penalty", "0");
    // A rule tells more of itself once it has been switched.
    run.set_rule(true);
    run.set_rule(false);
    run.start_and_settle();
    const std::string before = run.configuration_without_ids();
    const std::vector<std::string> troubles = {
        R"({"cmd":"now"})",
        R"({"cmd":"disconnect"})",
        R"({"cmd":"reboot","for_s":0.3,"ids":"swapped"})",
        R"({"cmd":"logins-expire"})",
        R"({"cmd":"slow","ms":50})",
        R"({"cmd":"reboot","for_s":0.3,"ids":"new"})",
        R"({"cmd":"status","status":500,"method":"PATCH","count":1,"apply":true})",
        R"({"cmd":"spoil","how":"cut","count":1})",
    };
    Toggles expected{true, false};
    for (int episode = 0; episode < episodes; ++episode) {
        INFO(episode);
        run.sim().command(troubles[static_cast<std::size_t>(episode) % troubles.size()]);
        run.primary().congest();
        REQUIRE(run.right_after("", true) < kRightWithinS);
        if (episode % 7 == 3) {
            run.daemon().signal(SIGUSR2);
            REQUIRE(run.daemon().wait() == 0);
            run.start_and_settle();
        }
        run.primary().calm();
        REQUIRE(run.right_after("", false) < kRightWithinS);
        run.sim().command(R"({"cmd":"clear"})");
        expected.insert(expected.end(), {true, false});
    }
    CHECK(run.history().to_enabled == expected);
    CHECK(run.daemon().stop() == 0);
    CHECK(run.configuration_without_ids() == before);
    for (const char* method : {"PUT", "POST", "DELETE"}) CHECK(run.sim().requests(method) == 0);
}
