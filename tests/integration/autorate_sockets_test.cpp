// Both kinds of ICMP socket measure, and no secret leaves the daemon's memory.
#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <fmt/format.h>

#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/private_network.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

std::string content(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    REQUIRE(file);
    return text.str();
}

// Of this network namespace, without the headline.
std::size_t sockets_in(const std::string& table) {
    const std::string text = content("/proc/thread-self/net/" + table);
    std::size_t lines = 0;
    for (const char c : text) lines += c == '\n' ? 1 : 0;
    return lines - 1;
}

void check_measures_20_ms(AutorateRun& run) {
    REQUIRE(run.slots_pass(20));
    std::size_t fresh = 0;
    for (const auto& record : run.records()) {
        if (record.fresh == 0) continue;
        ++fresh;
        // The line itself takes so long.
        CHECK(record.rtt_us >= 20'000);
        CHECK(static_cast<StampSource>(record.stamp_source) == StampSource::kernel);
    }
    CHECK(fresh > 10);
    CHECK(run.newest()->foreign == 0);
    CHECK(run.newest()->malformed == 0);
}

std::string random_word() {
    const std::string word = content("/proc/sys/kernel/random/uuid");
    return "t0ken-" + word.substr(0, word.find('\n'));
}

}  // namespace

TEST_CASE("datagram ICMP sockets measure where the system allows them") {
    AutorateRun run;
    REQUIRE(allow_datagram_icmp(true));
    run.start_and_settle();
    CHECK(sockets_in("icmp") == 1);
    CHECK(sockets_in("raw") == 0);
    check_measures_20_ms(run);
}

TEST_CASE("raw ICMP sockets measure where datagram ones are not allowed") {
    AutorateRun run;
    REQUIRE(allow_datagram_icmp(false));
    run.start_and_settle();
    CHECK(sockets_in("icmp") == 0);
    CHECK(sockets_in("raw") == 1);
    check_measures_20_ms(run);
}

TEST_CASE("an address and an interface of this machine can be measured from") {
    AutorateRun run;
    run.config()
        .set("probe.source_address", toml_string("198.18.0.2"))
        .set("probe.interface", toml_string("wan0"));
    run.start_and_settle();
    check_measures_20_ms(run);
}

TEST_CASE("reflectors of both families are measured side by side, over either kind of socket") {
    const bool datagram = GENERATE(true, false);
    if (!add_loopback_v6("2001:db8::1")) {
        WARN("skipped: no IPv6");
        return;
    }
    AutorateRun run;
    REQUIRE(allow_datagram_icmp(datagram));
    run.config()
        .set("probe.reflectors", R"(["127.0.0.2", "2001:db8::1"])")
        .set("probe.source_address", toml_string("2001:db8::1"));
    run.start_and_settle();
    INFO(run.log());
    CHECK(sockets_in(datagram ? "icmp" : "raw") == 1);
    CHECK(sockets_in(datagram ? "icmp6" : "raw6") == 1);
    REQUIRE(run.slots_pass(20));
    std::size_t both = 0;
    for (const auto& record : run.records()) {
        if (record.reflector_answered == 0b11) ++both;
        if (record.fresh == 0) continue;
        CHECK(static_cast<StampSource>(record.stamp_source) == StampSource::kernel);
    }
    CHECK(both > 10);
    CHECK(run.newest()->foreign == 0);
    CHECK(run.newest()->malformed == 0);
    CHECK(run.daemon().stop() == 0);
    REQUIRE(allow_datagram_icmp(true));
}

TEST_CASE("the passwords in use are in no log, ring, state, command line or environment") {
    SimSettings settings = line_settings();
    const std::array secrets{random_word(), random_word()};
    settings.users[0].password = secrets[0];
    settings.users[1].password = secrets[1];
    AutorateRun run(settings);
    const std::string state = run.files().file(std::string(kWan) + ".state");
    run.files().write("stats-password", secrets[1] + "\n");
    run.config().set("log.level", toml_string("debug")).set("state.save_s", "1");
    run.start_and_settle();
    REQUIRE(run.until([](const CycleRecord& now) {
        return router_of(now) == RouterState::ok && statistics_of(now) == RouterState::ok;
    }));
    // Also those that are refused, and those that are read again.
    run.sim().command(R"({"cmd":"status","status":401})");
    REQUIRE(run.until([](const CycleRecord& now) {
        return router_of(now) == RouterState::unauthorized &&
               statistics_of(now) == RouterState::unauthorized;
    }));
    run.daemon().signal(SIGHUP);
    REQUIRE(wait_until([&] { return run.logged("configuration re-read") == 1; }));
    REQUIRE(wait_until([&] { return std::filesystem::exists(state); }));
    const std::string proc = fmt::format("/proc/{}/", run.daemon().pid());
    const auto check_hidden = [&](const std::string& what, const std::string& text) {
        INFO(what);
        CHECK_FALSE(text.empty());
        for (const std::string& secret : secrets) CHECK_FALSE(says(text, secret));
    };
    for (const std::string& path : {std::string("/dev/shm/wanctl.e2e"), state, proc + "cmdline",
                                    proc + "environ", proc + "comm"})
        check_hidden(path, content(path));
    check_hidden("shown", run_wanctl({"shm", "dump", kWan, "--format", "json"}).out);
    CHECK(run.daemon().stop() == 0);
    check_hidden("log", run.log());
}

TEST_CASE("a password from the environment works, and is nowhere else") {
    const std::string secret = random_word();
    SimSettings settings = line_settings();
    settings.users.front().password = secret;
    AutorateRun run(settings);
    run.config()
        .remove("router.password_file")
        .set("router.password_env", toml_string("E2E_PASSWORD"))
        .set("log.level", toml_string("debug"));
    run.start_and_settle({{"E2E_PASSWORD", secret}});
    CHECK(router_of(*run.newest()) == RouterState::ok);
    for (const std::string& path : {fmt::format("/proc/{}/cmdline", run.daemon().pid()),
                                    fmt::format("/dev/shm/wanctl.{}", kWan)}) {
        INFO(path);
        CHECK_FALSE(says(content(path), secret));
    }
    CHECK(run.daemon().stop() == 0);
    CHECK_FALSE(says(run.log(), secret));
    // Basic authentication carries it in another form.
    CHECK_FALSE(says(run.log(), "Authorization"));
}

TEST_CASE("a daemon that crashes leaves no core, whatever the limit says") {
    AutorateRun run;
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(run.files().path());
    ChildProcess other({"sh", "-c", "ulimit -c unlimited; kill -ABRT $$"});
    REQUIRE(other.wait() == 128 + SIGABRT);
    if (!other.left_core()) WARN("nobody leaves a core here: only the signal is checked");
    run.start({}, {"sh", "-c", "ulimit -c unlimited; exec \"$@\"", "sh"});
    REQUIRE(run.until([](const CycleRecord& now) { return now.fresh == 1; }));
    run.daemon().signal(SIGABRT);
    CHECK(run.daemon().wait() == 128 + SIGABRT);
    CHECK_FALSE(run.daemon().left_core());
    std::filesystem::current_path(before);
}

TEST_CASE("another process of the daemon's own user cannot look into its memory") {
    const std::vector<std::string> as_nobody = {"setpriv", "--reuid=65534", "--regid=0",
                                                "--clear-groups"};
    const auto can_open = [&](pid_t pid, const std::string& file) {
        auto command = as_nobody;
        command.insert(command.end(), {"sh", "-c", fmt::format(": < /proc/{}/{}", pid, file)});
        return run_to_end(command).code == 0;
    };
    auto sleep = as_nobody;
    sleep.insert(sleep.end(), {"sleep", "60"});
    ChildProcess other(sleep);
    if (!wait_until([&] { return can_open(other.pid(), "mem") || !other.running(); }) ||
        !other.running()) {
        WARN("skipped: no other user can be had here");
        return;
    }
    AutorateRun run;
    REQUIRE(allow_datagram_icmp(true));
    std::filesystem::copy_file(run.sim().password_file(), run.files().file("password"));
    std::filesystem::copy_file(run.sim().ca_file(), run.files().file("ca.pem"));
    run.config()
        .set("wan", toml_string("nobodys"))
        .set("router.password_file", toml_string(run.files().file("password")))
        .set("router.ca_file", toml_string(run.files().file("ca.pem")));
    run.files().write("autorate.toml", run.config().text());
    REQUIRE(run_to_end({"chown", "-R", "65534", run.files().path().string()}).code == 0);
    run.start({}, as_nobody);
    REQUIRE(wait_until([&] { return run.logged("both queues found") == 1; }));
    for (const std::string file : {"mem", "environ", "maps"}) {
        INFO(file);
        CHECK(can_open(other.pid(), file));
        CHECK_FALSE(can_open(run.daemon().pid(), file));
    }
    CHECK(run.daemon().stop() == 0);
}
