#include "shm/inspect/watch_source.hpp"

#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "common/record/steering_fields.hpp"
#include "shm/inspect/watch_view.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/inspect/watch_fixture.hpp"
#include "tests/unit/shm/next_version.hpp"
#include "tests/unit/shm/scratch.hpp"

using namespace wanctl;
using namespace wanctl::inspect;
using namespace wanctl::test;
using namespace std::chrono_literals;

namespace {

// The real time, which a test may put forward.
class ShiftedClock final : public Clock {
  public:
    [[nodiscard]] SteadyTime steady() const override { return real_.steady() + shift; }
    [[nodiscard]] WallTime wall() const override { return real_.wall() + shift; }

    Nanos shift{};

  private:
    SystemClock real_;
};

const WatchedSegment& only(const WatchSource& source) {
    REQUIRE(source.model().segments.size() == 1);
    return source.model().segments.front();
}

const WatchedSegment* find(const WatchSource& source, const std::string& name) {
    for (const WatchedSegment& each : source.model().segments) {
        if (each.name == name) return &each;
    }
    return nullptr;
}

std::uint32_t records_in(const WatchedSegment& segment) {
    std::uint32_t sum = 0;
    for (const auto& column : segment.cycle.history.columns(segment.chart_end, 10min, 600)) {
        sum += column.records;
    }
    return sum;
}

// What the operator sees.
std::string picture(const WatchSource& source) {
    return render(source.model(), {}, {60, 120}, ascii_glyphs()).text();
}

}  // namespace

TEST_CASE("The view begins with what the ring still holds and goes on with what comes") {
    const ScratchName name("wsrc");
    auto writer = new_writer(name);
    REQUIRE(writer);
    for (std::uint64_t n = 0; n < 30; ++n) writer->publish(record_of(n));
    const SystemClock clock;
    WatchSource source(name.str(), clock);
    source.refresh();
    CHECK(only(source).trouble.empty());
    CHECK(only(source).writer.liveness == shm::Liveness::live);
    REQUIRE(only(source).cycle.newest);
    CHECK(only(source).cycle.newest->slot == 29);
    CHECK(records_in(only(source)) == 30);
    writer->publish(record_of(30));
    source.refresh();
    CHECK(only(source).cycle.newest->slot == 30);
    CHECK(records_in(only(source)) == 31);
    CHECK(only(source).writer.lost == 0);
}

TEST_CASE("A restarted writer is followed, its predecessor's history kept") {
    const ScratchName name("wrestart");
    std::optional<CycleWriter> writer(std::move(*new_writer(name)));
    for (std::uint64_t n = 0; n < 10; ++n) writer->publish(record_of(n));
    const SystemClock clock;
    WatchSource source(name.str(), clock);
    source.refresh();
    writer.reset();
    source.refresh();
    CHECK(only(source).writer.liveness == shm::Liveness::dead);
    CHECK(only(source).cycle.newest->slot == 9);
    writer.emplace(std::move(*new_writer(name)));
    writer->publish(record_of(500));
    source.refresh();
    CHECK(only(source).writer.liveness == shm::Liveness::live);
    CHECK(only(source).writer.restarts == 1);
    CHECK(only(source).cycle.newest->slot == 500);
    CHECK(records_in(only(source)) == 11);
}

TEST_CASE("A record that cannot be is told, not drawn") {
    const ScratchName name("wfault");
    auto writer = new_writer(name);
    REQUIRE(writer);
    writer->publish(record_of(1));
    CycleRecord bad = record_of(2);
    bad.direction[0].zone = 9;
    writer->publish(bad);
    const SystemClock clock;
    WatchSource source(name.str(), clock);
    source.refresh();
    CHECK_FALSE(only(source).fault.empty());
    CHECK(only(source).cycle.newest->slot == 1);
    CHECK(records_in(only(source)) == 1);
    writer->publish(record_of(3));
    source.refresh();
    CHECK(only(source).fault.empty());
    CHECK(only(source).cycle.newest->slot == 3);
}

TEST_CASE("Segments come and go, and the model with them; steering is last") {
    const ScratchName first("wcome");
    const ScratchName steering("wsteer");
    ShiftedClock clock;
    WatchSource source("", clock);
    source.refresh();
    CHECK(find(source, first.str()) == nullptr);

    std::optional<CycleWriter> writer(std::move(*new_writer(first)));
    writer->publish(record_of(1));
    auto decisions =
        shm::SegmentWriter<SteeringRecord>::create(options_for(steering), steering_abi(), clock);
    REQUIRE(decisions);
    SteeringRecord decision;
    decision.mono_ns = clock.steady().time_since_epoch().count();
    decision.interval_ns = 50'000'000;
    decision.score = 40;
    decisions->publish(decision);
    clock.shift += 1100ms;
    source.refresh();
    const WatchedSegment* found = find(source, first.str());
    REQUIRE(found != nullptr);
    CHECK(found->kind == RecordKind::cycle);
    found = find(source, steering.str());
    REQUIRE(found != nullptr);
    CHECK(found->fault == "");
    CHECK(found->kind == RecordKind::steering);
    REQUIRE(found->steering.newest);
    CHECK(found->steering.newest->score == 40);

    // Its object is removed under it: it is shown as long as it lives.
    REQUIRE(std::remove(first.path().c_str()) == 0);
    clock.shift += 1100ms;
    source.refresh();
    found = find(source, first.str());
    REQUIRE(found != nullptr);
    CHECK(found->writer.name_gone);
    writer.reset();
    for (int look = 0; look < 2; ++look) {
        clock.shift += 1100ms;
        source.refresh();
    }
    CHECK(find(source, first.str()) == nullptr);
}

TEST_CASE("A segment asked for by name is waited for") {
    const ScratchName name("wwait");
    ShiftedClock clock;
    WatchSource source(name.str(), clock);
    source.refresh();
    CHECK_FALSE(only(source).trouble.empty());
    auto writer = new_writer(name);
    REQUIRE(writer);
    writer->publish(record_of(7));
    clock.shift += 1100ms;
    source.refresh();
    CHECK(only(source).trouble.empty());
    REQUIRE(only(source).cycle.newest);
    CHECK(only(source).cycle.newest->slot == 7);
}

TEST_CASE("A newer minor version's records are shown with its words and the fields it has added") {
    using Catch::Contains;
    const ScratchName name("wnext");
    std::vector<FieldInfo> fields;
    auto writer =
        shm::SegmentWriter<NextRecord>::create(options_for(name), next_abi(fields), SystemClock());
    REQUIRE(writer);
    NextRecord record = next_record(4);
    std::memcpy(record.known + offsetof(CycleRecord, router_state), &kRebooting, 1);
    writer->publish(record);
    const SystemClock clock;
    WatchSource source(name.str(), clock);
    source.refresh();
    CHECK(only(source).fault == "");
    REQUIRE(only(source).cycle.newest);
    CHECK(only(source).cycle.newest->rtt_us == 21'500);
    CHECK(records_in(only(source)) == 1);
    CHECK(only(source).fields == std::vector<std::string>{"jitter_us 1.2 ms", "weather storm"});
    const std::string text = picture(source);
    CHECK_THAT(text, Contains(" live "));
    CHECK_THAT(text, Contains("record version 2 of ABI 1.1, this program has version 1"));
    CHECK_THAT(text, Contains("rebooting"));
    CHECK_THAT(text, Contains("weather storm"));
    // What neither this program nor the segment has a word for is damage as ever.
    const std::uint8_t wordless = kRebooting + 1;
    std::memcpy(record.known + offsetof(CycleRecord, router_state), &wordless, 1);
    writer->publish(record);
    source.refresh();
    CHECK_THAT(only(source).fault, Contains("router_state"));
}

TEST_CASE("A successor of another build is told and listed, one that cannot be read says why") {
    using Catch::Contains;
    const ScratchName name("wbuild");
    const SystemClock clock;
    std::optional<CycleWriter> writer(std::move(*new_writer(name)));
    writer->publish(record_of(1));
    WatchSource source(name.str(), clock);
    source.refresh();
    REQUIRE(only(source).cycle.newest);
    CHECK(only(source).note == "");
    CHECK(only(source).fields.empty());
    writer.reset();

    std::vector<FieldInfo> fields;
    RecordAbi abi = other_build_abi(fields);
    writer.emplace(std::move(*CycleWriter::create(options_for(name), abi, clock)));
    writer->publish(record_of(2));
    source.refresh();
    CHECK(only(source).writer.restarts == 1);
    CHECK_FALSE(only(source).cycle.newest);
    CHECK(only(source).fault == "");
    std::string text = picture(source);
    CHECK_THAT(text, Contains("written by another build"));
    CHECK_THAT(text, Contains("round_trip_us 21.5 ms"));
    CHECK_THAT(text, !Contains("DAMAGED"));
    writer.reset();

    // Its hash is not that of its description: nothing says what its bytes mean.
    abi.layout_hash ^= 1;
    writer.emplace(std::move(*CycleWriter::create(options_for(name), abi, clock)));
    writer->publish(record_of(3));
    source.refresh();
    CHECK(only(source).fields.empty());
    text = picture(source);
    CHECK_THAT(text, Contains("UNREADABLE"));
    CHECK_THAT(text, Contains("not the one it was written with"));
    writer.reset();

    writer.emplace(std::move(*new_writer(name)));
    writer->publish(record_of(4));
    source.refresh();
    CHECK(only(source).trouble == "");
    REQUIRE(only(source).cycle.newest);
    CHECK(only(source).cycle.newest->slot == 4);
}
