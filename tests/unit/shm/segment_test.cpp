#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <fstream>
#include <optional>
#include <thread>

#include "common/record/cycle_counters.hpp"
#include "shm/process_identity.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/shared_memory.hpp"
#include "tests/unit/shm/child.hpp"
#include "tests/unit/shm/scratch.hpp"

using namespace wanctl;
using namespace wanctl::shm;
using namespace wanctl::test;

namespace {

SteadyTime now() {
    return SystemClock().steady();
}

template <typename Condition>
bool within_seconds(int seconds, Condition condition) {
    const SteadyTime deadline = now() + std::chrono::seconds(seconds);
    while (now() < deadline) {
        if (condition()) return true;
        std::this_thread::yield();
    }
    return condition();
}

mode_t mode_of(const std::string& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? status.st_mode & 07777 : 0;
}

}  // namespace

TEST_CASE("what a writer publishes, an attached reader reads") {
    const ScratchName name("publish");
    auto writer = new_writer(name);
    REQUIRE(writer);
    const auto reader = new_reader(name);
    REQUIRE(reader);
    CycleRecord record;
    std::uint64_t number = 99;
    CHECK(reader->read_newest(record, number) == ReadStatus::empty);
    for (std::uint64_t n = 0; n < kSlots + 3; ++n)
        CHECK(writer->publish_quietly(record_of(n)) == n);
    REQUIRE(reader->read_newest(record, number) == ReadStatus::ok);
    CHECK(number == kSlots + 2);
    CHECK(record.slot == kSlots + 2);
    CHECK(reader->read(2, record) == ReadStatus::overrun);
    REQUIRE(reader->read(3, record) == ReadStatus::ok);
    CHECK(record.slot == 3);
    CHECK(reader->doorbell() == kSlots + 3);
}

TEST_CASE("the header tells who writes and what") {
    const ScratchName name("header");
    auto writer = new_writer(name);
    REQUIRE(writer);
    const auto reader = new_reader(name);
    REQUIRE(reader);
    const SegmentFacts& facts = reader->facts();
    CHECK(facts.abi_major == kAbiMajor);
    CHECK(facts.abi_minor == kAbiMinor);
    CHECK(facts.kind == RecordKind::cycle);
    CHECK(facts.wan == name.str());
    CHECK(facts.version == "0.1.0-test");
    CHECK(facts.writer_pid == ::getpid());
    CHECK(facts.writer_start_ticks == start_ticks(::getpid()));
    CHECK(facts.writer_start_ticks != 0);
    CHECK(facts.boot_id == boot_id());
    CHECK(facts.boot_id != std::array<std::uint8_t, 16>{});
    CHECK(facts.tick_period == std::chrono::milliseconds(50));
    CHECK(facts.stale_after == std::chrono::seconds(10));
    CHECK(facts.description == cycle_abi().description);
    CHECK(reader->state() == SegmentState::live);
    CHECK(reader->liveness(now()) == Liveness::live);
    CHECK(mode_of(name.path()) == 0640);
    CHECK(mode_of(lock_path(name.str())) == 0600);
}

TEST_CASE("counters are kept by name and read by place") {
    const ScratchName name("counters");
    auto writer = new_writer(name);
    REQUIRE(writer);
    const auto reader = new_reader(name);
    REQUIRE(reader);
    writer->count(CycleCounter::slots);
    writer->count(CycleCounter::slots, 2);
    writer->raise_counter(CycleCounter::worst_lateness_ns, 500);
    writer->raise_counter(CycleCounter::worst_lateness_ns, 400);
    writer->set_counter(CycleCounter::lost, 7);
    const auto value = [&](CycleCounter counter) {
        return reader->counter(static_cast<std::size_t>(counter));
    };
    CHECK(value(CycleCounter::slots) == 3);
    CHECK(value(CycleCounter::worst_lateness_ns) == 500);
    CHECK(value(CycleCounter::lost) == 7);
    CHECK(value(CycleCounter::replies) == 0);
    CHECK(writer->counter(CycleCounter::slots) == 3);
    CHECK(reader->counter(kMaxCounters + 5) == 0);
}

TEST_CASE("the second writer of a name is refused with the holder's pid and the first goes on") {
    const ScratchName name("two");
    auto first = new_writer(name);
    REQUIRE(first);
    const auto second = new_writer(name);
    REQUIRE_FALSE(second);
    CHECK(second.error().kind == ErrorKind::busy);
    CHECK(second.error().message.find(fmt::format("pid {}", ::getpid())) != std::string::npos);
    const auto reader = new_reader(name);
    REQUIRE(reader);
    first->publish(record_of(1));
    CHECK(reader->head() == 1);
    CHECK(reader->state() == SegmentState::live);
}

TEST_CASE("a writer that stops says so and leaves its records") {
    const ScratchName name("stop");
    std::optional<CycleWriter> writer(std::move(*new_writer(name)));
    writer->publish(record_of(4));
    const auto reader = new_reader(name);
    REQUIRE(reader);
    const std::uint32_t before = reader->doorbell();
    writer->stop();
    CHECK(reader->state() == SegmentState::stopping);
    CHECK(reader->liveness(now()) == Liveness::stopped);
    CHECK(reader->doorbell() != before);
    writer.reset();
    CycleRecord record;
    std::uint64_t number = 0;
    CHECK(new_reader(name)->read_newest(record, number) == ReadStatus::ok);
    CHECK(record.slot == 4);
}

TEST_CASE("a successor retires the predecessor's object and readers find the new one") {
    const ScratchName name("restart");
    std::optional<CycleWriter> first(std::move(*new_writer(name)));
    first->publish(record_of(1));
    const auto reader = new_reader(name);
    REQUIRE(reader);
    CHECK(reader->reattach_reason(now()) == Reattach::no);
    const std::uint32_t bell = reader->doorbell();
    first.reset();
    CHECK(reader->liveness(now()) == Liveness::dead);
    CHECK(reader->reattach_reason(now()) == Reattach::stale);

    auto second = new_writer(name);
    REQUIRE(second);
    CHECK(second->warnings().empty());
    CHECK(reader->liveness(now()) == Liveness::retired);
    CHECK(reader->reattach_reason(now()) == Reattach::retired);
    CHECK(reader->doorbell() != bell);
    const auto fresh = new_reader(name);
    REQUIRE(fresh);
    CHECK_FALSE(fresh->same_instance(*reader));
    CHECK(fresh->facts().epoch_ns != reader->facts().epoch_ns);
    CHECK(fresh->head() == 0);
    // The old mapping is still good for what it holds.
    CycleRecord record;
    CHECK(reader->read(0, record) == ReadStatus::ok);
}

TEST_CASE(
    "a reader asleep when the writer restarts is woken and finds the successor at its first look") {
    const ScratchName name("handover");
    const SharedMemory<std::atomic<bool>> ready;
    // Forked before there is a writer, whose lock it would hold too.
    Child child([&] {
        auto old = new_reader(name);
        if (!within_seconds(20, [&] { return (old = new_reader(name)) && old->head() == 1; })) {
            return 2;
        }
        const std::uint32_t seen = old->doorbell();
        *ready = true;
        if (old->wait(seen, std::chrono::seconds(20)) != WaitResult::rung) return 3;
        if (old->reattach_reason(now()) != Reattach::retired) return 4;
        const auto fresh = new_reader(name);
        if (!fresh || fresh->same_instance(*old)) return 5;
        // What the old mapping holds is good until the reader lets go of it.
        CycleRecord record;
        return old->read(0, record) == ReadStatus::ok && record.slot == 1 ? 0 : 6;
    });
    std::optional<CycleWriter> first(std::move(*new_writer(name)));
    first->publish(record_of(1));
    REQUIRE(within_seconds(20, [&] { return ready->load(); }));
    first.reset();
    const auto second = new_writer(name);
    REQUIRE(second);
    CHECK(child.wait() == 0);
}

TEST_CASE("a successor that cannot be made leaves the predecessor's readers where they are") {
    const ScratchName name("stillborn");
    std::optional<CycleWriter> first(std::move(*new_writer(name)));
    first->publish(record_of(1));
    first.reset();
    const auto reader = new_reader(name);
    REQUIRE(reader);
    WriterOptions options = options_for(name);
    options.group = "no-such-group-here";
    REQUIRE_FALSE(CycleWriter::create(options, cycle_abi(), SystemClock()));
    CHECK(reader->state() == SegmentState::live);
    CHECK(reader->reattach_reason(now()) == Reattach::stale);
    CHECK(new_reader(name)->same_instance(*reader));
}

TEST_CASE("an old mapping stays good while what has its name now does not validate") {
    const ScratchName name("invalid");
    auto writer = new_writer(name);
    REQUIRE(writer);
    writer->publish(record_of(7));
    const auto reader = new_reader(name);
    REQUIRE(reader);
    REQUIRE(std::remove(name.path().c_str()) == 0);
    std::ofstream(name.path()) << "something else";
    CHECK(reader->reattach_reason(now()) == Reattach::replaced);
    CHECK(new_reader(name).error().status == AttachStatus::wrong_size);
    CycleRecord record;
    std::uint64_t number = 0;
    REQUIRE(reader->read_newest(record, number) == ReadStatus::ok);
    CHECK(record.slot == 7);
}

TEST_CASE("an object whose name is gone is to be attached again") {
    const ScratchName name("unlinked");
    auto writer = new_writer(name);
    REQUIRE(writer);
    const auto reader = new_reader(name);
    REQUIRE(reader);
    REQUIRE(std::remove(name.path().c_str()) == 0);
    CHECK(reader->reattach_reason(now()) == Reattach::replaced);
}

TEST_CASE("a writer killed at full speed leaves a reader only whole records") {
    const ScratchName name("killed");
    for (int round = 0; round < 5; ++round) {
        Child child([&] {
            auto writer = new_writer(name);
            if (!writer) return 1;
            for (std::uint64_t n = 0;; ++n) {
                CycleRecord record = record_of(n);
                record.missed_slots = n + 1;
                record.direction[1].wanted_bps = static_cast<std::int64_t>(n + 2);
                record.stage_ns[15] = static_cast<std::uint32_t>(n + 3);
                writer->publish_quietly(record);
            }
        });
        std::optional<CycleReader> reader;
        REQUIRE(within_seconds(30, [&] {
            auto attached = new_reader(name);
            if (!attached || attached->facts().writer_pid != child.pid()) return false;
            reader.emplace(std::move(*attached));
            return reader->head() > 2 * kSlots;
        }));
        child.kill_hard();
        CHECK(reader->liveness(now()) == Liveness::dead);
        std::uint64_t whole = 0;
        CycleRecord record;
        const std::uint64_t head = reader->head();
        for (std::uint64_t n = head - kSlots; n < head; ++n) {
            if (reader->read(n, record) != ReadStatus::ok) continue;
            ++whole;
            REQUIRE(record.slot == n);
            REQUIRE(record.missed_slots == n + 1);
            REQUIRE(record.direction[1].wanted_bps == static_cast<std::int64_t>(n + 2));
            REQUIRE(record.stage_ns[15] == static_cast<std::uint32_t>(n + 3));
        }
        // At most the slot in which the writer died is missing.
        CHECK(whole >= kSlots - 1);
    }
}

TEST_CASE("a stopped process keeps its lock but its heartbeat grows old: hung, not dead") {
    const ScratchName name("hung");
    auto writer = new_writer(name);
    REQUIRE(writer);
    const auto reader = new_reader(name);
    REQUIRE(reader);
    writer->heartbeat(now());
    CHECK(reader->liveness(now()) == Liveness::live);
    CHECK(reader->liveness(now() + std::chrono::seconds(31)) == Liveness::hung);
    writer->heartbeat(now() + std::chrono::seconds(31));
    CHECK(reader->liveness(now() + std::chrono::seconds(31)) == Liveness::live);
}

TEST_CASE("leftovers of a writer that died while building are replaced") {
    const ScratchName name("leftover");
    std::ofstream(fmt::format("{}/{}", kDirectory, unfinished_object_name(name.str()))) << "half";
    REQUIRE(new_writer(name));
    CHECK(new_reader(name));
}

TEST_CASE("a foreign file under the name is replaced with a warning") {
    const ScratchName name("foreign");
    std::ofstream(name.path()) << "something else";
    const auto writer = new_writer(name);
    REQUIRE(writer);
    REQUIRE_FALSE(writer->warnings().empty());
    CHECK(writer->warnings().front().find(name.path()) != std::string::npos);
    CHECK(new_reader(name));
}

TEST_CASE("impossible wishes are refused with their remedy and leave nothing behind") {
    const ScratchName name("refused");
    WriterOptions options = options_for(name);
    options.group = "no-such-group-here";
    const auto grouped = CycleWriter::create(options, cycle_abi(), SystemClock());
    REQUIRE_FALSE(grouped);
    CHECK(grouped.error().message.find("no-such-group-here") != std::string::npos);
    CHECK(new_reader(name).error().status == AttachStatus::absent);
    CHECK(mode_of(fmt::format("{}/{}", kDirectory, unfinished_object_name(name.str()))) == 0);

    options = options_for(name);
    options.name = "../etc";
    const auto named = CycleWriter::create(options, cycle_abi(), SystemClock());
    REQUIRE_FALSE(named);
    CHECK(named.error().kind == ErrorKind::invalid_input);
}

TEST_CASE("the directory lists segments and nothing else") {
    const ScratchName name("listed");
    auto writer = new_writer(name);
    REQUIRE(writer);
    const auto names = list_segments();
    REQUIRE(names);
    CHECK(std::ranges::find(*names, name.str()) != names->end());
    CHECK(std::ranges::none_of(*names, [](const std::string& each) { return !valid_name(each); }));
}

TEST_CASE("names are short, lower case and without dots or slashes") {
    CHECK(valid_name("cable"));
    CHECK(valid_name("a_b-9"));
    CHECK_FALSE(valid_name(""));
    CHECK_FALSE(valid_name("Cable"));
    CHECK_FALSE(valid_name("a.new"));
    CHECK_FALSE(valid_name("../x"));
    CHECK(valid_name(std::string(31, 'x')));
    CHECK_FALSE(valid_name(std::string(32, 'x')));
}
