#include "steering/sources/ring_waiter.hpp"

#include <poll.h>

#include <thread>

#include "tests/support/catch.hpp"
#include "tests/unit/shm/scratch.hpp"

using namespace wanctl;
using namespace wanctl::steering;
using namespace wanctl::test;

namespace {

bool readable(const RingWaiter& waiter, int patience_ms) {
    pollfd entry{waiter.fd(), POLLIN, 0};
    return ::poll(&entry, 1, patience_ms) == 1;
}

constexpr int kPatienceMs = 10'000;

}  // namespace

TEST_CASE("a record of either ring wakes the loop, and no record is slept through") {
    const ScratchName first("waiter-a");
    const ScratchName second("waiter-b");
    auto a = new_writer(first);
    auto b = new_writer(second);
    REQUIRE(a);
    REQUIRE(b);
    const auto reader_a = new_reader(first);
    const auto reader_b = new_reader(second);
    REQUIRE(reader_a);
    REQUIRE(reader_b);
    RingWaiter waiter;
    const auto arm = [&] {
        waiter.arm(
            std::array{reader_a->bell(reader_a->doorbell()), reader_b->bell(reader_b->doorbell())});
    };
    arm();
    auto from_a = reader_a->from_oldest();
    auto from_b = reader_b->from_oldest();
    for (int i = 0; i < 500; ++i) {
        // Now and then the rings are armed anew, before or after the record.
        if (i % 5 == 0) arm();
        (void)(i % 3 == 0 ? *a : *b).publish(record_of(1));
        if (i % 7 == 0) arm();
        CycleRecord record;
        auto& cursor = i % 3 == 0 ? from_a : from_b;
        // What rang before the arming is told by the ring itself; every other record by its bell.
        if (i % 5 != 0 && i % 7 != 0) {
            REQUIRE(readable(waiter, kPatienceMs));
            waiter.acknowledge();
        }
        REQUIRE(cursor.next(record).status == shm::CursorStatus::record);
    }
}

TEST_CASE("a waiter without bells tells nothing, and one armed late tells at once") {
    const ScratchName name("waiter");
    auto writer = new_writer(name);
    REQUIRE(writer);
    const auto reader = new_reader(name);
    REQUIRE(reader);
    RingWaiter waiter;
    waiter.arm(std::array{reader->bell(reader->doorbell())});
    (void)writer->publish(record_of(1));
    REQUIRE(readable(waiter, kPatienceMs));
    waiter.disarm();
    waiter.acknowledge();
    for (int i = 0; i < 100; ++i) (void)writer->publish(record_of(2));
    CHECK_FALSE(readable(waiter, 0));
    waiter.arm(std::array{reader->bell(reader->doorbell() - 1)});
    CHECK(readable(waiter, kPatienceMs));
}

TEST_CASE("after disarm a ring may be unmapped, and the waiter ends at once") {
    const ScratchName name("waiter");
    auto writer = new_writer(name);
    REQUIRE(writer);
    RingWaiter waiter;
    for (int i = 0; i < 100; ++i) {
        const auto reader = new_reader(name);
        REQUIRE(reader);
        waiter.arm(std::array{reader->bell(reader->doorbell())});
        // Some of the time the thread already sleeps on it.
        if (i % 2 == 0) std::this_thread::yield();
        waiter.disarm();
    }
    CHECK_FALSE(readable(waiter, 0));
}
