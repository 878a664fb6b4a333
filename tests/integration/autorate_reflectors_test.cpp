// Reflectors that fail, lie or fall silent, through the real programs.
#include <algorithm>

#include "common/record/cycle_counters.hpp"
#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

// At the far end of the line, beside the honest kernel: sees the echoes to one reflector, and
// sends another reply to each.
constexpr auto kSecondVoice = R"(import socket, struct
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
voice = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
voice.bind(("VOICE", 0))
def sealed(icmp):
    icmp = icmp[:2] + bytes(2) + icmp[4:]
    total = sum(struct.unpack("!%dH" % (len(icmp) // 2), icmp))
    total = (total & 0xffff) + (total >> 16)
    total = (total & 0xffff) + (total >> 16)
    return icmp[:2] + struct.pack("!H", ~total & 0xffff) + icmp[4:]
while True:
    packet, sender = s.recvfrom(2000)
    if packet[20] == 8 and packet[16:20] == socket.inet_aton("198.18.1.3"):
        voice.sendto(sealed(bytes([0]) + packet[21:]), sender)
)";

// `voice` speaks up whenever reflector 198.18.1.3 is asked.
SimSettings settings_with_voice(const TempDir& files, const std::string& voice) {
    std::string script = kSecondVoice;
    script.replace(script.find("VOICE"), 5, voice);
    files.write("voice.py", script);
    SimSettings settings = line_settings();
    settings.more.insert(settings.more.end(),
                         {"--far-command", "exec python3 " + files.file("voice.py")});
    return settings;
}

bool is(const CycleRecord& record, MeasurementState state) {
    return measurement_of(record) == state;
}

}  // namespace

TEST_CASE("a reflector that never answers is soon asked no more, and named once") {
    AutorateRun run;
    run.config().set("probe.reflectors", R"(["198.18.1.1", "198.18.1.99", "198.18.1.2"])");
    run.start_and_settle();
    REQUIRE(run.until([](const CycleRecord& record) { return record.reflector_active == 0b101; }));
    REQUIRE(run.slots_pass(10));
    const auto lost = run.counter(static_cast<std::size_t>(CycleCounter::lost));
    REQUIRE(run.until([](const CycleRecord& record) { return record.slot > 100; }));
    // Those that were under way when it was demoted.
    CHECK(run.counter(static_cast<std::size_t>(CycleCounter::lost)) <= lost + 20);
    CHECK(run.newest()->reflector_answered == 0b101);
    CHECK(run.logged("198.18.1.99: answers 0 % of its echoes") == 1);
}

TEST_CASE("a blackout demotes no reflector, and is seen before the line counts as blind") {
    AutorateRun run;
    run.start_and_settle();
    REQUIRE(run.slots_pass(20));
    run.sim().command(R"({"cmd":"blackout","on":true})");
    REQUIRE(
        run.until([](const CycleRecord& record) { return is(record, MeasurementState::blind); }));
    REQUIRE(run.slots_pass(40));
    run.sim().command(R"({"cmd":"blackout","on":false})");
    REQUIRE(
        run.until([](const CycleRecord& record) { return is(record, MeasurementState::fresh); }));
    REQUIRE(run.slots_pass(30));
    const auto all = run.records();
    const auto aged = std::find_if(all.begin(), all.end(), [](const CycleRecord& record) {
        return static_cast<SampleSource>(record.sample_source) == SampleSource::pending;
    });
    const auto blind = std::find_if(all.begin(), all.end(), [](const CycleRecord& record) {
        return is(record, MeasurementState::blind);
    });
    REQUIRE(aged != all.end());
    REQUIRE(blind != all.end());
    CHECK(aged < blind);
    CHECK(aged->fresh == 1);
    CHECK(aged->reflector_answered == 0);
    CHECK(aged->rtt_us > 100'000);  // the baseline and hard_red_ms
    CHECK(aged->rtt_us < 400'000);
    CHECK(aged->load_ns > (aged - 1)->load_ns);
    for (const auto& record : all) CHECK(record.reflector_active == 0b111);
}

TEST_CASE("under compat only replies are samples") {
    AutorateRun run;
    run.config().set("compat", toml_string("v1.9"));
    run.start_and_settle();
    run.sim().command(R"({"cmd":"blackout","on":true})");
    REQUIRE(
        run.until([](const CycleRecord& record) { return is(record, MeasurementState::blind); }));
    for (const auto& record : run.records()) CHECK(record.sample_source == 0);
}

TEST_CASE("who answers twice is left out and named once") {
    const TempDir files;
    AutorateRun run(settings_with_voice(files, "198.18.1.3"));
    run.start_and_settle();
    INFO(run.log());
    REQUIRE(run.until([](const CycleRecord& record) { return record.reflector_lying == 0b100; }));
    REQUIRE(run.slots_pass(60));
    CHECK(run.newest()->reflector_lying == 0b100);
    CHECK(is(*run.newest(), MeasurementState::fresh));
    CHECK(run.logged("198.18.1.3: answers echoes more than once") == 1);
    CHECK(run.logged("left out as long as") == 1);
}

TEST_CASE("who answers for another is left out and named once") {
    const TempDir files;
    AutorateRun run(settings_with_voice(files, "198.18.1.2"));
    run.start_and_settle();
    INFO(run.log());
    REQUIRE(run.until([](const CycleRecord& record) { return record.reflector_lying == 0b010; }));
    REQUIRE(run.slots_pass(60));
    CHECK(run.logged("198.18.1.2: answers echoes that were sent to others") == 1);
    CHECK(run.counter(static_cast<std::size_t>(CycleCounter::foreign)) > 50);
}
