// SIGHUP: the configuration is read again while the daemon runs. SIGUSR2: a stop that keeps limits.
#include <csignal>

#include <fmt/format.h>

#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/notify_socket.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

// Writes the configuration as it is now and waits for what the daemon says to it.
void reload(AutorateRun& run, const std::string& answer) {
    const auto before = run.logged(answer);
    run.files().write("autorate.toml", run.config().text());
    run.daemon().signal(SIGHUP);
    INFO(run.log());
    REQUIRE(wait_until([&] { return run.logged(answer) == before + 1; }));
}

constexpr auto kDone = "info configuration re-read";
constexpr auto kRefused = "error configuration not re-read: the old one stays";

}  // namespace

TEST_CASE("SIGHUP takes new limits over, tells the difference, and the law goes on") {
    AutorateRun run(line_settings(2));
    run.start_and_settle();
    REQUIRE(run.settle_low());
    const auto epoch = run.epoch();
    const auto before = *run.newest();
    // Below what the upload can have fallen to meanwhile.
    run.config()
        .set("download.ceiling_mbps", "30.0")
        .set("upload.floor_mbps", "0.5")
        .set("upload.ceiling_mbps", "0.75");
    reload(run, kDone);
    const std::string log = run.log();
    INFO(log);
    CHECK(says(log, "key=download.ceiling_mbps from=36 to=30"));
    CHECK(run.logged("info configuration changed") == 3);
    // Nothing answers, yet the upload's new ceiling holds, and the download stays where it was.
    CHECK(run.until([](const CycleRecord& now) { return now.direction[1].held_bps == 750'000; }));
    CHECK(run.newest()->direction[0].wanted_bps == before.direction[0].wanted_bps);
    CHECK(run.newest()->direction[0].zone == before.direction[0].zone);
    CHECK(run.newest()->baseline_ns == before.baseline_ns);
    CHECK(run.epoch() == epoch);
    CHECK(wait_until([&] { return run.router_agrees(); }));
}

TEST_CASE("SIGHUP with the same file changes nothing and sends nothing") {
    AutorateRun run;
    run.start_and_settle();
    REQUIRE(wait_until([&] { return run.sim().accepted_sockets() == 2; }));
    reload(run, "configuration re-read: nothing has changed");
    REQUIRE(run.slots_pass(10));
    CHECK(run.sim().accepted_sockets() == 2);
    CHECK(run.logged("configuration changed") == 0);
}

TEST_CASE("SIGHUP with other reflectors measures to those from then on") {
    AutorateRun run;
    run.start_and_settle();
    run.config().set("probe.reflectors", R"(["198.18.1.2"])");
    reload(run, kDone);
    CHECK(run.until([](const CycleRecord& now) {
        return now.reflectors == 1 && now.reflector_active == 1 && now.fresh == 1;
    }));
}

TEST_CASE("SIGHUP reads a changed password, and shows none") {
    AutorateRun run;
    run.files().write("pw", "wr0ng-r4nd0m\n");
    run.config().set("router.password_file", toml_string(run.files().file("pw")));
    run.start();
    REQUIRE(run.until(
        [](const CycleRecord& now) { return router_of(now) == RouterState::unauthorized; }));
    run.files().write("pw", "sim-password\n");
    reload(run, "configuration re-read: nothing has changed");
    CHECK(run.until([](const CycleRecord& now) { return router_of(now) == RouterState::ok; }));
    CHECK_FALSE(says(run.log(), "r4nd0m"));
    CHECK_FALSE(says(run.log(), "sim-password"));
}

TEST_CASE("what needs a restart refuses the whole file and is named") {
    AutorateRun run;
    run.start_and_settle();
    run.config()
        .set("wan", toml_string("other"))
        .set("interval_ms", "100")
        .set("router.url", toml_string("https://127.0.0.1:1"))
        .set("shm.owner", toml_string("root"))
        .set("download.ceiling_mbps", "10.0");
    reload(run, kRefused);
    const std::string log = run.log();
    INFO(log);
    CHECK(says(log, "router.url, wan, interval_ms, shm.owner: needs a restart"));
    REQUIRE(run.slots_pass(10));
    CHECK(run.newest()->direction[0].wanted_bps == 36'000'000);
    CHECK(run.newest()->interval_ns == 50'000'000);
}

TEST_CASE("a bad file at SIGHUP: all its errors are told and the old configuration stays") {
    AutorateRun run;
    run.start_and_settle();
    const std::string good = run.config().text();
    run.config().set("download.factor_down", "7").set("upload.factor_down", toml_string("x"));
    reload(run, kRefused);
    CHECK(run.logged("download.factor_down: ") == 1);
    CHECK(run.logged("upload.factor_down: ") == 1);
    run.files().write("autorate.toml", "[broken");
    run.daemon().signal(SIGHUP);
    CHECK(wait_until([&] { return run.logged(kRefused) == 2; }));
    // What does not work on this machine is found out before anything is given up.
    run.files().write("autorate.toml", good + "[probe]\n");
    run.config()
        .set("download.factor_down", "0.85")
        .set("upload.factor_down", "0.85")
        .set("probe.source_address", toml_string("198.18.77.7"));
    run.files().write("autorate.toml", run.config().text());
    run.daemon().signal(SIGHUP);
    CHECK(wait_until([&] { return run.logged(kRefused) == 3; }));
    CHECK(run.logged("198.18.77.7") >= 1);
    CHECK(run.until([](const CycleRecord& now) { return now.fresh == 1; }));
    CHECK(run.daemon().stop() == 0);
}

TEST_CASE("systemd hears of a reload and that it is over") {
    NotifySocket systemd;
    AutorateRun run;
    run.start_and_settle({{"NOTIFY_SOCKET", systemd.path()}});
    REQUIRE(wait_until([&] { return systemd.count("READY=1") == 1; }));
    reload(run, kDone);
    CHECK(wait_until([&] { return systemd.count("READY=1") == 2; }));
    CHECK(systemd.count("RELOADING=1") == 1);
}

TEST_CASE("SIGUSR2 stops as if on_exit were \"keep\"") {
    AutorateRun run(line_settings(2));
    run.config().set("write.on_exit", toml_string("ceiling"));
    run.start_and_settle();
    run.sim().command(R"({"cmd":"capacity","download_kbit":8000,"upload_kbit":2000})");
    REQUIRE(wait_until([&] { return run.sim().max_limit(kDownloadQueue) < 20'000'000; }));
    run.daemon().signal(SIGUSR2);
    CHECK(run.daemon().wait() == 0);
    CHECK(run.sim().max_limit(kDownloadQueue) < 20'000'000);
    CHECK((run.newest()->flags & kFlagStopping) != 0);
}
