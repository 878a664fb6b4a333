#include "shm/cursor.hpp"

#include <deque>

#include <rapidcheck.h>

#include "tests/support/catch.hpp"
#include "tests/unit/shm/heap_ring.hpp"

using namespace wanctl;
using namespace wanctl::shm;
using wanctl::test::HeapRing;
using wanctl::test::Numbered;

namespace {

constexpr std::size_t kRingSlots = 16;
using Heap = HeapRing<kRingSlots>;
using TestCursor = Cursor<Heap::Ring>;

}  // namespace

TEST_CASE("a cursor hands out every record once, in order") {
    Heap ring;
    TestCursor cursor(ring.reader, 0);
    Numbered record;
    CHECK(cursor.next(record).status == CursorStatus::none);
    for (std::uint64_t n = 0; n < 40; ++n) {
        ring.publish();
        const CursorStep step = cursor.next(record);
        REQUIRE(step.status == CursorStatus::record);
        CHECK(step.number == n);
        CHECK(step.lost == 0);
        CHECK(record == Numbered::of(n));
        CHECK(cursor.next(record).status == CursorStatus::none);
    }
}

TEST_CASE("late joiners start where they ask to") {
    Heap ring;
    ring.publish(100);
    Numbered record;
    TestCursor newest = TestCursor::from_newest(ring.reader);
    CHECK(newest.next(record).status == CursorStatus::none);
    TestCursor oldest = TestCursor::from_oldest(ring.reader);
    CHECK(oldest.next(record).number == 100 - TestCursor::kReach);
    TestCursor last = TestCursor::last(ring.reader, 3);
    CHECK(last.next(record).number == 97);
    TestCursor greedy = TestCursor::last(ring.reader, 1000);
    CHECK(greedy.next(record).number == 100 - TestCursor::kReach);
    Heap young;
    young.publish(2);
    CHECK(TestCursor::last(young.reader, 5).next(record).number == 0);
}

TEST_CASE(
    "a cursor too close to the writer's broom jumps to the middle and counts what it skipped") {
    Heap ring;
    TestCursor cursor(ring.reader, 0);
    Numbered record;
    ring.publish(TestCursor::kReach);
    CHECK(cursor.next(record).lost == 0);
    ring.publish(2);
    const CursorStep step = cursor.next(record);
    CHECK(step.status == CursorStatus::record);
    CHECK(step.number == TestCursor::kReach + 2 - TestCursor::kLanding);
    CHECK(step.lost == step.number - 1);
    CHECK(cursor.lost() == step.lost);
}

TEST_CASE("a head that went back means another instance") {
    Heap ring;
    ring.publish(5);
    TestCursor cursor(ring.reader, 9);
    Numbered record;
    CHECK(cursor.next(record).status == CursorStatus::restarted);
}

TEST_CASE("a head that lies yields no record and no endless loop") {
    Heap ring;
    ring.publish(5);
    TestCursor cursor(ring.reader, 0);
    ring.head = ~std::uint64_t{0};
    Numbered record;
    CHECK(cursor.next(record).status == CursorStatus::contended);
    CHECK(cursor.lost() == 0);
}

TEST_CASE("seen plus lost equals published, whatever the order of publishing and reading") {
    const bool held = rc::check([] {
        Heap ring;
        TestCursor cursor(ring.reader, 0);
        std::uint64_t seen = 0;
        std::uint64_t published = 0;
        std::uint64_t least = 0;
        const auto bursts =
            *rc::gen::container<std::vector<std::pair<std::uint64_t, std::uint64_t>>>(rc::gen::pair(
                rc::gen::inRange<std::uint64_t>(0, 40), rc::gen::inRange<std::uint64_t>(0, 40)));
        Numbered record;
        for (const auto& [written, wanted] : bursts) {
            ring.publish(written);
            published += written;
            for (std::uint64_t i = 0; i < wanted; ++i) {
                const CursorStep step = cursor.next(record);
                if (step.status == CursorStatus::none) break;
                RC_ASSERT(step.status == CursorStatus::record);
                RC_ASSERT(record == Numbered::of(step.number));
                RC_ASSERT(step.number >= least);
                least = step.number + 1;
                ++seen;
            }
            RC_ASSERT(seen + cursor.lost() == cursor.position());
        }
        while (cursor.next(record).status == CursorStatus::record) ++seen;
        RC_ASSERT(seen + cursor.lost() == published);
    });
    CHECK(held);
}
