// No reflector answers, but something else may.
#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <filesystem>

#include "common/fd.hpp"
#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/hosts_file.hpp"
#include "tests/support/private_network.hpp"
#include "tests/support/wait_until.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

// At the far end of the line: listens for TCP, and lets the kernel answer no echo while the file
// `mute` is there.
constexpr auto kFarHost = R"(import os, socket, time
listener = socket.socket()
listener.bind(("198.18.1.9", 8443))
listener.listen(64)
open("MUTE.ready", "w")
listener.setblocking(False)
muted = False
while True:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        time.sleep(0.002)
    if os.path.exists("MUTE") != muted:
        muted = not muted
        with open("/proc/sys/net/ipv4/icmp_echo_ignore_all", "w") as switch:
            switch.write("1" if muted else "0")
        open("MUTE.seen", "w")
)";

SimSettings settings_with_far_host(const TempDir& files) {
    std::string script = kFarHost;
    for (auto at = script.find("MUTE"); at != script.npos; at = script.find("MUTE")) {
        script.replace(at, 4, files.file("mute"));
    }
    files.write("far.py", script);
    SimSettings settings = line_settings();
    settings.more.insert(settings.more.end(),
                         {"--far-command", "exec python3 " + files.file("far.py")});
    return settings;
}

Fd listen_at(const std::string& address, std::uint16_t port) {
    Fd listener(socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in6 at{};
    at.sin6_family = AF_INET6;
    at.sin6_port = htons(port);
    REQUIRE(inet_pton(AF_INET6, address.c_str(), &at.sin6_addr) == 1);
    REQUIRE(bind(listener.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
    REQUIRE(listen(listener.get(), 64) == 0);
    return listener;
}

// A connect that comes too early teaches nothing, and the next lesson is a minute away.
void await_far_host(const TempDir& files) {
    REQUIRE(wait_until([&] { return std::filesystem::exists(files.file("mute.ready")); }));
}

bool is(const CycleRecord& record, MeasurementState state) {
    return measurement_of(record) == state;
}
bool is(const CycleRecord& record, FallbackState state) {
    return static_cast<FallbackState>(record.fallback) == state;
}

}  // namespace

TEST_CASE("while echoes are filtered TCP stands in, and the first echo reply ends that") {
    const TempDir files;
    AutorateRun run(settings_with_far_host(files));
    run.config()
        .set("probe.fallback.tcp_targets", R"(["198.18.1.9:8443", "198.19.0.1:443"])")
        .set("probe.fallback.max_s", "1.0");
    await_far_host(files);
    run.start_and_settle();
    REQUIRE(
        run.until([](const CycleRecord& record) { return record.tcp_offset_us != kUnknownUs; }));
    files.write("mute", "");
    INFO(run.log());
    REQUIRE(run.until([](const CycleRecord& record) { return is(record, FallbackState::tcp); }));
    REQUIRE(run.slots_pass(60));
    // A sample a second, about as long as echoes took, and no blackout beyond max_s.
    CHECK(is(*run.newest(), MeasurementState::blind));
    const auto all = run.records();
    const auto samples = std::count_if(all.begin(), all.end(), [](const CycleRecord& record) {
        return static_cast<SampleSource>(record.sample_source) == SampleSource::tcp &&
               record.fresh == 1 && record.rtt_us > 10'000 && record.rtt_us < 60'000;
    });
    CHECK(samples >= 2);
    CHECK(samples <= 5);
    CHECK(run.logged("their round trip stands in") == 1);
    std::filesystem::remove(files.file("mute"));
    REQUIRE(run.until([](const CycleRecord& record) {
        return is(record, MeasurementState::fresh) && is(record, FallbackState::off);
    }));
    CHECK(wait_until([&] { return run.logged("reflectors answer again") == 1; }));
}

TEST_CASE("without an offset from better times TCP only tells that the line lives") {
    const TempDir files;
    files.write("mute", "");
    AutorateRun run(settings_with_far_host(files));
    run.config().set("probe.fallback.tcp_targets", R"(["198.18.1.9:8443"])");
    REQUIRE(wait_until([&] { return std::filesystem::exists(files.file("mute.seen")); }));
    run.start();
    REQUIRE(
        run.until([](const CycleRecord& record) { return is(record, FallbackState::tcp_frozen); }));
    REQUIRE(run.slots_pass(30));
    for (const auto& record : run.records()) CHECK(record.fresh == 0);
    CHECK(run.newest()->tcp_rtt_us > 10'000);
    CHECK(run.sim().requests("PATCH") == 0);
    std::filesystem::remove(files.file("mute"));
    REQUIRE(run.until([](const CycleRecord& record) {
        return is(record, MeasurementState::fresh) && is(record, FallbackState::off);
    }));
}

TEST_CASE("in mode freeze TCP tells that the line lives, and the law stands still") {
    const TempDir files;
    AutorateRun run(settings_with_far_host(files));
    run.config()
        .set("probe.fallback.tcp_targets", R"(["198.18.1.9:8443"])")
        .set("probe.fallback.mode", toml_string("freeze"))
        .set("probe.fallback.max_s", "1.0");
    await_far_host(files);
    run.start_and_settle();
    files.write("mute", "");
    REQUIRE(run.until([](const CycleRecord& record) {
        return is(record, FallbackState::tcp_frozen) && is(record, MeasurementState::blackout);
    }));
    const auto load = run.newest()->load_ns;
    REQUIRE(run.slots_pass(30));
    CHECK(run.newest()->load_ns == load);
}

TEST_CASE("on a dead line the gateway's answer is told from silence") {
    AutorateRun run;
    // The near side of the line answers for the gateway.
    run.config()
        .set("probe.fallback.gateway", toml_string("198.18.0.2"))
        .set("probe.fallback.tcp_targets", R"(["198.18.1.9:8443"])");
    run.start_and_settle();
    run.sim().command(R"({"cmd":"blackout","on":true})");
    REQUIRE(run.until(
        [](const CycleRecord& record) { return is(record, FallbackState::gateway_only); }));
    CHECK(run.newest()->gateway_rtt_us >= 0);
    CHECK(run.logged("the gateway answers, but nobody behind it") == 1);
}

TEST_CASE("gateway and TCP targets may stand by name and by IPv6 address") {
    if (!add_loopback_v6("2001:db8::2")) {
        WARN("skipped: no IPv6");
        return;
    }
    // The kernel accepts.
    std::optional<Fd> listener = listen_at("2001:db8::2", 8444);
    const TempDir files;
    AutorateRun run(settings_with_far_host(files));
    HostsFile hosts;
    run.config()
        .set("probe.fallback.gateway", toml_string("gate.example"))
        .set("probe.fallback.tcp_targets", R"(["far.example:8443", "[2001:db8::2]:8444"])");
    await_far_host(files);
    run.start_and_settle();
    INFO(run.log());
    REQUIRE(wait_until([&] { return run.logged("far.example: no address is known") == 1; }));
    hosts.write("198.18.1.9 far.example\n2001:db8::2 gate.example\n");
    REQUIRE(wait_until([&] { return run.logged("far.example: is at 198.18.1.9") == 1; }));
    REQUIRE(wait_until([&] { return run.logged("gate.example: is at 2001:db8::2") == 1; }));
    REQUIRE(
        run.until([](const CycleRecord& record) { return record.tcp_offset_us != kUnknownUs; }));
    // The one behind the line and the one beside it: their middle is half of the line's.
    files.write("mute", "");
    REQUIRE(run.until([](const CycleRecord& record) {
        return is(record, FallbackState::tcp) && record.tcp_rtt_us > 5'000 &&
               record.gateway_rtt_us >= 0;
    }));
    // A dead line leaves the one beside it.
    run.sim().command(R"({"cmd":"blackout","on":true})");
    REQUIRE(run.until([](const CycleRecord& record) {
        return is(record, FallbackState::tcp) && record.tcp_rtt_us < 5'000;
    }));
    listener.reset();
    REQUIRE(run.until(
        [](const CycleRecord& record) { return is(record, FallbackState::gateway_only); }));
}
