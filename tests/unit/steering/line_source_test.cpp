#include "steering/sources/line_source.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/shm/corpse.hpp"
#include "tests/unit/shm/scratch.hpp"

using namespace wanctl;
using namespace wanctl::steering;
using namespace wanctl::test;

namespace {

SteadyTime now() {
    return SystemClock().steady();
}

// Beyond the time between two tries to attach.
SteadyTime later() {
    return now() + std::chrono::milliseconds(300);
}

CycleWriter writer_of(const ScratchName& name) {
    auto writer = new_writer(name);
    REQUIRE(writer);
    writer->heartbeat(now());
    return std::move(*writer);
}

CycleWriter publishing(const ScratchName& name, std::uint64_t records) {
    CycleWriter writer = writer_of(name);
    for (std::uint64_t i = 0; i < records; ++i) (void)writer.publish_quietly(record_of(i));
    return writer;
}

std::uint64_t drained(LineSource& source) {
    std::uint64_t readings = 0;
    while (source.next(now())) ++readings;
    return readings;
}

}  // namespace

TEST_CASE("a line without a ring is absent, and is found within a try when it appears") {
    const ScratchName name("source");
    LineSource source(name.str(), {});
    CHECK_FALSE(source.look(now()));
    CHECK(source.state() == SourceState::absent);
    CHECK_FALSE(source.text().empty());
    CHECK_FALSE(source.bell());
    const CycleWriter writer = publishing(name, 3);
    CHECK(source.look(later()));
    CHECK(source.state() == SourceState::live);
    CHECK(source.text().empty());
    CHECK(source.bell());
}

TEST_CASE("reading begins with the newest record, and then brings each once") {
    const ScratchName name("source");
    CycleWriter writer = publishing(name, 100);
    LineSource source(name.str(), {});
    REQUIRE(source.look(now()));
    CHECK(drained(source) == 1);
    CHECK(source.newest().slot == 99);
    for (std::uint64_t i = 100; i < 110; ++i) (void)writer.publish_quietly(record_of(i));
    CHECK(drained(source) == 10);
    CHECK(drained(source) == 0);
    CHECK(source.counts().seen == 11);
    CHECK(source.counts().missed == 0);
}

TEST_CASE("the last record of a writer that is gone is read, unless it is of another boot") {
    const bool this_boot = GENERATE(true, false);
    const ScratchName name("source");
    Corpse corpse(name, 3);
    if (!this_boot) corpse.header().boot_id[5] ^= 0x77;
    corpse.put_back();
    LineSource source(name.str(), {});
    CHECK(source.look(now()));
    CHECK(source.state() == SourceState::dead);
    CHECK_FALSE(source.text().empty());
    CHECK(drained(source) == (this_boot ? 1 : 0));
}

TEST_CASE("a ring without a record is waited for") {
    const ScratchName name("source");
    CycleWriter writer = writer_of(name);
    LineSource source(name.str(), {});
    REQUIRE(source.look(now()));
    CHECK(source.state() == SourceState::waiting);
    (void)writer.publish(record_of(1));
    CHECK(drained(source) == 1);
    CHECK(source.look(now()));
    CHECK(source.state() == SourceState::live);
}

TEST_CASE("after an overrun it is known how many were missed") {
    const ScratchName name("source");
    CycleWriter writer = publishing(name, 1);
    LineSource source(name.str(), {});
    REQUIRE(source.look(now()));
    REQUIRE(drained(source) == 1);
    constexpr std::uint64_t kMore = 2 * shm::kSlots;
    for (std::uint64_t i = 1; i <= kMore; ++i) (void)writer.publish_quietly(record_of(i));
    const std::uint64_t read = drained(source);
    CHECK(source.counts().missed > 0);
    CHECK(read + source.counts().missed == kMore);
    CHECK(source.counts().seen == kMore + 1);
}

TEST_CASE("a writer that stops, dies or hangs is told apart") {
    const ScratchName name("source");
    LineSource source(name.str(), {});
    SECTION("stopped") {
        CycleWriter writer = publishing(name, 1);
        REQUIRE(source.look(now()));
        writer.stop();
        CHECK(source.look(now()));
        CHECK(source.state() == SourceState::stopped);
    }
    SECTION("dead") {
        {
            const CycleWriter writer = publishing(name, 1);
            REQUIRE(source.look(now()));
        }
        CHECK(source.look(now()));
        CHECK(source.state() == SourceState::dead);
        CHECK(source.text().find("dead") != std::string::npos);
    }
    SECTION("hung") {
        const CycleWriter writer = publishing(name, 1);
        REQUIRE(source.look(now()));
        CHECK(source.look(now() + 4 * options_for(name).stale_after));
        CHECK(source.state() == SourceState::hung);
    }
}

TEST_CASE("a successor is read from its first record, which says that it is another writer") {
    const ScratchName name("source");
    LineSource source(name.str(), {});
    {
        const CycleWriter writer = publishing(name, 5);
        REQUIRE(source.look(now()));
        REQUIRE(drained(source) == 1);
    }
    const CycleWriter successor = publishing(name, 3);
    REQUIRE(source.look(now()));
    CHECK(source.state() == SourceState::live);
    const auto first = source.next(now());
    REQUIRE(first);
    CHECK(first->restarted);
    CHECK(source.newest().slot == 0);
    const auto second = source.next(now());
    REQUIRE(second);
    CHECK_FALSE(second->restarted);
    CHECK(source.counts().restarts == 1);
    CHECK(drained(source) == 1);
}

TEST_CASE("a corpse found at the start still tells its last word") {
    const ScratchName name("source");
    {
        CycleWriter writer = writer_of(name);
        CycleRecord record = record_of(7);
        record.measurement = static_cast<std::uint8_t>(MeasurementState::blackout);
        (void)writer.publish(record);
    }
    LineSource source(name.str(), {});
    REQUIRE(source.look(now()));
    CHECK(source.state() == SourceState::dead);
    const auto reading = source.next(now());
    REQUIRE(reading);
    CHECK(reading->measurement == MeasurementState::blackout);
}

TEST_CASE("a ring of another version is named, at the start and after an upgrade") {
    const ScratchName name("source");
    LineSource source(name.str(), {});
    RecordAbi newer = cycle_abi();
    newer.major = kAbiMajor + 1;
    std::optional<CycleWriter> old;
    const bool upgrade = GENERATE(false, true);
    if (upgrade) {
        old = publishing(name, 2);
        REQUIRE(source.look(now()));
        old.reset();
    }
    const auto writer = CycleWriter::create(options_for(name), newer, SystemClock());
    REQUIRE(writer);
    CHECK(source.look(later()));
    CHECK(source.state() == SourceState::other_version);
    CHECK_FALSE(source.text().empty());
    CHECK_FALSE(source.next(now()));
}

TEST_CASE("a record that cannot be believed is counted and passed over") {
    const ScratchName name("source");
    CycleWriter writer = publishing(name, 1);
    LineSource source(name.str(), {});
    REQUIRE(source.look(now()));
    REQUIRE(drained(source) == 1);
    CycleRecord damaged = record_of(1);
    damaged.direction[0].zone = 9;
    (void)writer.publish(damaged);
    (void)writer.publish(record_of(2));
    CHECK(drained(source) == 1);
    CHECK(source.counts().bad == 1);
    CHECK(source.newest().slot == 2);
}
