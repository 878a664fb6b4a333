// Reflectors that fail, lie or fall silent, through the real programs.
#include <algorithm>
#include <bit>

#include <fmt/format.h>

#include "common/record/cycle_counters.hpp"
#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

// At the far end of the line, beside the honest kernel: sees the echoes to one reflector, and
// sends another reply to each.
constexpr auto kSealed = R"(def sealed(icmp):
    icmp = icmp[:2] + bytes(2) + icmp[4:]
    total = sum(struct.unpack("!%dH" % (len(icmp) // 2), icmp))
    total = (total & 0xffff) + (total >> 16)
    total = (total & 0xffff) + (total >> 16)
    return icmp[:2] + struct.pack("!H", ~total & 0xffff) + icmp[4:])";
constexpr auto kSecondVoice = R"(import socket, struct
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
voice = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
voice.bind(("VOICE", 0))
SEALED
while True:
    packet, sender = s.recvfrom(2000)
    if packet[20] == 8 and packet[16:20] == socket.inet_aton("198.18.1.3"):
        voice.sendto(sealed(bytes([0]) + packet[21:]), sender)
)";

// In the kernel's place there: answers all echoes itself, those to 198.18.1.3 by 60 ms later while
// the file is there.
constexpr auto kSlowVoice = R"(import heapq, os, select, socket, struct, time
with open("/proc/sys/net/ipv4/icmp_echo_ignore_all", "w") as switch:
    switch.write("1")
s = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
voices = {}
for address in ("198.18.1.1", "198.18.1.2", "198.18.1.3"):
    voice = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    voice.bind((address, 0))
    voices[socket.inet_aton(address)] = voice
slow = socket.inet_aton("198.18.1.3")
SEALED
waiting = []
while True:
    left = max(0, waiting[0][0] - time.monotonic()) if waiting else None
    if select.select([s], [], [], left)[0]:
        packet, sender = s.recvfrom(2000)
        if packet[20] == 8:
            late = 0.06 if packet[16:20] == slow and os.path.exists("SLOW") else 0
            heapq.heappush(waiting, (time.monotonic() + late, packet, sender))
    while waiting and waiting[0][0] <= time.monotonic():
        _, packet, sender = heapq.heappop(waiting)
        voices[packet[16:20]].sendto(sealed(bytes([0]) + packet[21:]), sender)
)";

std::string replaced(std::string text, const std::string& word, const std::string& by) {
    return text.replace(text.find(word), word.size(), by);
}

SimSettings settings_with_far_script(const TempDir& files, const std::string& script) {
    files.write("far.py", replaced(script, "SEALED", kSealed));
    SimSettings settings = line_settings();
    settings.more.insert(settings.more.end(),
                         {"--far-command", "exec python3 " + files.file("far.py")});
    return settings;
}

// `voice` speaks up whenever reflector 198.18.1.3 is asked.
SimSettings settings_with_voice(const TempDir& files, const std::string& voice) {
    return settings_with_far_script(files, replaced(kSecondVoice, "VOICE", voice));
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
    CHECK(run.logged("while others answer") == 0);
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

TEST_CASE("who answers before the line could have is left out and named, once there is load") {
    AutorateRun run(line_settings(2));
    // On this side of the line: it sees none of the queue that the others wait in.
    run.config().set("probe.reflectors", R"(["198.18.1.1", "127.0.0.2", "198.18.1.2"])");
    run.start_and_settle();
    run.sim().command(R"({"cmd":"capacity","download_kbit":4000,"upload_kbit":1000})");
    INFO(run.log());
    REQUIRE(run.until([](const CycleRecord& record) { return record.reflector_lying == 0b010; }));
    CHECK(run.newest()->rtt_us > 20'000);
    CHECK(wait_until([&] { return run.logged("127.0.0.2: answers faster") == 1; }));
    CHECK(run.logged("left out as long as") == 1);
}

TEST_CASE("who suddenly answers late is left out and named once, and the sample does not move") {
    const TempDir files;
    AutorateRun run(
        settings_with_far_script(files, replaced(kSlowVoice, "SLOW", files.file("slow"))));
    run.start_and_settle();
    REQUIRE(run.slots_pass(60));
    const auto before = run.newest()->slot;
    files.write("slow", "");
    INFO(run.log());
    REQUIRE(run.until([](const CycleRecord& record) { return record.reflector_lying == 0b100; }));
    REQUIRE(run.slots_pass(20));
    CHECK(run.logged("198.18.1.3: answers later") == 1);
    for (const auto& record : run.records()) {
        if (record.slot > before && record.fresh == 1)
            CHECK(zone_of(record, Direction::download) == Zone::green);
    }
}

TEST_CASE("on a line that loses most echoes of all reflectors one goes on being asked") {
    AutorateRun run;
    run.start_and_settle();
    run.sim().command(R"({"cmd":"loss","ratio":0.35})");
    const auto asked = [](const CycleRecord& record) {
        return std::popcount(record.reflector_active);
    };
    REQUIRE(run.until([&](const CycleRecord& record) { return asked(record) == 1; }));
    REQUIRE(run.slots_pass(100));
    for (const auto& record : run.records()) CHECK(asked(record) >= 1);
    CHECK(run.newest()->measurement != static_cast<std::uint8_t>(MeasurementState::blackout));
}

TEST_CASE("sixteen reflectors take turns at short intervals, and each keeps to its share") {
    AutorateRun run;
    std::string list;
    for (int i = 1; i <= 16; ++i) list += fmt::format("{}\"198.18.1.{}\"", i > 1 ? ", " : "", i);
    run.config().set("probe.reflectors", "[" + list + "]").set("interval_ms", "10");
    run.start_and_settle();
    REQUIRE(run.slots_pass(100));
    const auto sent = run.counter(static_cast<std::size_t>(CycleCounter::probes_sent));
    const auto first = run.newest()->slot;
    REQUIRE(run.slots_pass(200));
    const auto slots = run.newest()->slot - first;
    const auto more = run.counter(static_cast<std::size_t>(CycleCounter::probes_sent)) - sent;
    // 20 a second each: one slot in five.
    CHECK(more <= (slots + 5) / 5 * 16);
    std::uint32_t answered = 0;
    for (const auto& record : run.records()) answered |= record.reflector_answered;
    CHECK(answered == 0xffff);
}
