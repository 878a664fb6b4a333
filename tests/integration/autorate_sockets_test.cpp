// Both kinds of ICMP socket measure, and no secret leaves the daemon's memory.
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

struct Secret {
    std::string text;
    SimSettings settings = line_settings();

    explicit Secret(std::string password) : text(std::move(password)) {
        settings.users.front().password = text;
    }
};

void check_hidden(const AutorateRun& run, ChildProcess& daemon, const std::string& secret) {
    CHECK_FALSE(says(run.log(), secret));
    CHECK_FALSE(says(daemon.out(), secret));
    CHECK_FALSE(says(content(fmt::format("/proc/{}/cmdline", daemon.pid())), secret));
    CHECK_FALSE(says(content(fmt::format("/dev/shm/wanctl.{}", kWan)), secret));
    // Basic authentication carries it in this form.
    CHECK_FALSE(says(run.log(), "Authorization"));
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

TEST_CASE("a password from a file is in no log, ring, command line or environment") {
    const Secret secret("s3cr3t-from-a-file-77");
    AutorateRun run(secret.settings);
    run.config().set("log.level", toml_string("debug"));
    run.start_and_settle();
    check_hidden(run, run.daemon(), secret.text);
    CHECK_FALSE(says(content(fmt::format("/proc/{}/environ", run.daemon().pid())), secret.text));
    // Also when the router refuses it, and at the end.
    run.sim().command(R"({"cmd":"status","status":401})");
    REQUIRE(run.until(
        [](const CycleRecord& record) { return router_of(record) == RouterState::unauthorized; }));
    check_hidden(run, run.daemon(), secret.text);
    run.sim().command(R"({"cmd":"clear"})");
    CHECK(run.daemon().stop() == 0);
    CHECK_FALSE(says(run.log(), secret.text));
}

TEST_CASE("a password from the environment works, and is nowhere else") {
    const Secret secret("s3cr3t-from-the-environment-78");
    AutorateRun run(secret.settings);
    run.config()
        .remove("router.password_file")
        .set("router.password_env", toml_string("E2E_PASSWORD"));
    run.start_and_settle({{"E2E_PASSWORD", secret.text}});
    CHECK(router_of(*run.newest()) == RouterState::ok);
    check_hidden(run, run.daemon(), secret.text);
}
