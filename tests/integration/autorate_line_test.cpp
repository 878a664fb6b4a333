// The line fails: a blackout freezes the daemon and lets it go on at once, loss alone does nothing.
#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>

#include "common/record/cycle_counters.hpp"
#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/full_run.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

bool is(const CycleRecord& record, MeasurementState state) {
    return measurement_of(record) == state;
}

// How long a packet waits in front of the line now, both directions together, in milliseconds.
double queue_ms(AutorateRun& run) {
    constexpr std::string_view kMember = "\"fifo_ms\":";
    const std::string line = run.sim().command(R"({"cmd":"line"})");
    double sum = 0;
    for (auto at = line.find(kMember); at != line.npos; at = line.find(kMember, at + 1)) {
        sum += std::stod(line.substr(at + kMember.size()));
    }
    return sum;
}

std::uint64_t counted(const AutorateRun& run, CycleCounter counter) {
    return run.counter(static_cast<std::size_t>(counter));
}

}  // namespace

TEST_CASE("a start on a dead line leaves the router as it is") {
    AutorateRun run;
    run.sim().command(R"({"cmd":"queue-set","queue":"WAN-Download","max-limit":"20M"})");
    run.sim().command(R"({"cmd":"queue-set","queue":"WAN-Upload","max-limit":"3M"})");
    run.sim().command(R"({"cmd":"blackout","on":true})");
    run.start();
    REQUIRE(
        run.until([](const CycleRecord& record) { return is(record, MeasurementState::blind); }));
    REQUIRE(run.until(
        [](const CycleRecord& record) { return record.direction[0].held_bps == 20'000'000; }));
    REQUIRE(run.slots_pass(20));
    CHECK(run.sim().requests("PATCH") == 0);
    CHECK(run.sim().max_limit(kUploadQueue) == 3'000'000);
}

TEST_CASE("a blackout freezes rates and zones, and ends in the slot of the first reply") {
    AutorateRun run(line_settings(2));
    run.config().set("probe.fallback.max_s", "1.0");
    run.start_and_settle();
    // Frozen must not be the same as resting at the ceiling.
    run.sim().command(R"({"cmd":"capacity","download_kbit":12000,"upload_kbit":3000})");
    REQUIRE(run.until(
        [](const CycleRecord& record) { return record.direction[0].held_bps < 20'000'000; }));

    run.sim().command(R"({"cmd":"blackout","on":true})");
    REQUIRE(run.until(
        [](const CycleRecord& record) { return is(record, MeasurementState::blackout); }));
    const auto writes = run.sim().requests("PATCH");
    REQUIRE(run.slots_pass(30));
    CHECK(run.sim().requests("PATCH") == writes);
    const auto off = std::stoll(run.sim().command(R"({"cmd":"now"})"));
    run.sim().command(R"({"cmd":"blackout","on":false})");
    REQUIRE(
        run.until([](const CycleRecord& record) { return is(record, MeasurementState::fresh); }));

    const auto all = run.records();
    const auto blind = std::find_if(all.begin(), all.end(), [](const CycleRecord& record) {
        return is(record, MeasurementState::blind);
    });
    const auto fresh =
        std::find_if(blind, all.end(), [](const CycleRecord& record) { return record.fresh != 0; });
    REQUIRE(blind != all.end());
    REQUIRE(fresh != all.end());
    CHECK(is(*fresh, MeasurementState::fresh));
    bool blackout = false;
    for (auto record = blind; record != fresh; ++record) {
        // Once in blackout it stays so until there is a reply.
        CHECK(is(*record, blackout || is(*record, MeasurementState::blackout)
                              ? MeasurementState::blackout
                              : MeasurementState::blind));
        blackout |= is(*record, MeasurementState::blackout);
        for (int side = 0; side < 2; ++side) {
            CHECK(record->direction[side].wanted_bps == blind->direction[side].wanted_bps);
            CHECK(record->direction[side].zone == blind->direction[side].zone);
        }
    }
    CHECK(blackout);
    // The slot that was open when the line came back, and the next ones while its queue drains.
    const auto came_back = std::find_if(
        blind, fresh, [off](const CycleRecord& record) { return record.mono_ns >= off; });
    CHECK(fresh - came_back <= 20);
    CHECK(run.logged("no reflector answers") == 1);
    CHECK(run.logged("blackout: still no answer") == 1);
    CHECK(wait_until([&] { return run.logged("reflectors answer again") == 1; }));
    CHECK(counted(run, CycleCounter::blackout_entered) == 1);
}

TEST_CASE("a queue longer than the timeout is drained: RED, lower rates, and never a blackout") {
    AutorateRun run(line_settings(8));
    run.config().set("probe.fallback.max_s", "4.0");
    run.sim().command(R"({"cmd":"capacity","download_kbit":8000,"upload_kbit":2000})");
    REQUIRE(wait_until([&] { return queue_ms(run) > 1600; }));
    run.start();
    REQUIRE(run.until([](const CycleRecord& record) {
        return static_cast<SampleSource>(record.sample_source) == SampleSource::late;
    }));
    // The senders take their time; all of it is seen with full counts only.
    REQUIRE(wait_until([&] { return queue_ms(run) < 1400; }));
    const auto in_time_again = [](const CycleRecord& record) {
        return static_cast<SampleSource>(record.sample_source) == SampleSource::reply;
    };
    if (full_run()) REQUIRE(run.until(in_time_again, std::chrono::minutes(1)));
    const auto all = run.records();
    const auto first = std::find_if(all.begin(), all.end(),
                                    [](const CycleRecord& record) { return record.late > 0; });
    const auto sample =
        std::find_if(first, all.end(), [](const CycleRecord& record) { return record.fresh != 0; });
    REQUIRE(sample != all.end());
    CHECK(sample - first <= 3);
    std::uint64_t late = 0;
    for (auto record = sample; record != all.end(); ++record) {
        late += record->late;
        CHECK(record->baseline_ns == sample->baseline_ns);
        CHECK(zone_of(*record, Direction::download) == Zone::red);
        CHECK(zone_of(*record, Direction::upload) == Zone::red);
        CHECK_FALSE(is(*record, MeasurementState::blackout));
        CHECK(record->fallback == 0);
    }
    CHECK(late > 30);
    CHECK(counted(run, CycleCounter::blackout_entered) == 0);
    CHECK(all.back().direction[0].held_bps < 8'000'000);
    CHECK(all.back().direction[1].held_bps < 2'000'000);
    CHECK(run.logged("reflectors answer again") == 1);
}

TEST_CASE("a line and router that vanish with their interface are found again when they return") {
    for (const std::string interface : {"", "wan0"}) {
        DYNAMIC_SECTION("bound to \"" << interface << "\"") {
            AutorateRun run;
            run.config()
                .set("probe.fallback.max_s", "0.5")
                .set("probe.interface", toml_string(interface));
            run.start_and_settle();
            run.sim().stop();
            REQUIRE(run.until([](const CycleRecord& record) {
                return is(record, MeasurementState::blackout) &&
                       router_of(record) == RouterState::unreachable;
            }));
            CHECK(counted(run, CycleCounter::send_errors) > 0);
            run.sim().restart();
            INFO(run.log());
            CHECK(run.until([](const CycleRecord& record) {
                return is(record, MeasurementState::fresh) && router_of(record) == RouterState::ok;
            }));
            CHECK(wait_until([&] { return run.router_agrees(); }));
        }
    }
}

TEST_CASE("loss of one echo in six is measured and counted, and moves no zone") {
    AutorateRun run;
    run.start_and_settle();
    run.sim().command(R"({"cmd":"loss","ratio":0.087})");
    const auto sent = counted(run, CycleCounter::probes_sent);
    const auto lost = counted(run, CycleCounter::lost);
    REQUIRE(wait_until([&] { return counted(run, CycleCounter::probes_sent) >= sent + 450; }));
    const auto share = static_cast<double>(counted(run, CycleCounter::lost) - lost) /
                       static_cast<double>(counted(run, CycleCounter::probes_sent) - sent);
    CHECK(share > 0.05);
    CHECK(share < 0.30);
    for (const auto& record : run.records()) {
        CHECK(zone_of(record, Direction::download) == Zone::green);
        CHECK(zone_of(record, Direction::upload) == Zone::green);
        CHECK_FALSE(is(record, MeasurementState::blackout));
    }
    CHECK(run.sim().requests("PATCH") == 0);
}

TEST_CASE("a reflector without a route costs the others nothing, and is told once by name") {
    AutorateRun run;
    run.config().set("probe.reflectors", R"(["198.18.1.1", "198.19.0.1", "198.18.1.2"])");
    run.start_and_settle();
    const auto sent = counted(run, CycleCounter::probes_sent);
    const auto refused = counted(run, CycleCounter::send_errors);
    REQUIRE(run.slots_pass(100));
    std::size_t stamped = 0;
    std::size_t fresh = 0;
    for (const auto& record : run.records()) {
        if (record.fresh == 0) continue;
        ++fresh;
        CHECK(record.reflector_answered == 0b101);
        stamped += static_cast<StampSource>(record.stamp_source) == StampSource::kernel ? 1 : 0;
    }
    CHECK(fresh >= 95);
    // The kernel may begin to stamp a moment after the socket asked for it.
    CHECK(stamped + 2 >= fresh);
    const auto more_sent = counted(run, CycleCounter::probes_sent) - sent;
    const auto more_refused = counted(run, CycleCounter::send_errors) - refused;
    CHECK(more_refused >= 90);
    CHECK(more_sent >= 2 * more_refused - 4);
    CHECK(more_sent <= 2 * more_refused + 4);
    CHECK(counted(run, CycleCounter::lost) == 0);
    CHECK(run.logged("198.19.0.1: echoes cannot be sent: Network is unreachable") == 1);
}
