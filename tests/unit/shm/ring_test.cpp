#include "shm/ring.hpp"

#include <functional>
#include <stdexcept>

#include "tests/support/catch.hpp"
#include "tests/unit/shm/heap_ring.hpp"

using namespace wanctl;
using namespace wanctl::shm;
using wanctl::test::HeapRing;
using wanctl::test::Numbered;

namespace {

// Lets a test step in at the n-th payload word read or written: what another process could do at
// that moment.
struct SteppedAtomics : MappedAtomics {
    inline static std::function<void()> at_read;
    inline static std::function<void()> at_write;
    inline static int reads_left = 0;
    inline static int writes_left = 0;

    template <typename Word>
    static Word load_relaxed(const Word& word) {
        if (reads_left > 0 && --reads_left == 0) at_read();
        return MappedAtomics::load_relaxed(word);
    }
    template <typename Word>
    static void store_relaxed(Word& word, Word value) {
        if (writes_left > 0 && --writes_left == 0) at_write();
        MappedAtomics::store_relaxed(word, value);
    }
};

struct Killed : std::runtime_error {
    using std::runtime_error::runtime_error;
};

constexpr int kWordsOfRecord = 6;

}  // namespace

TEST_CASE("an empty ring says so") {
    HeapRing<8> ring;
    Numbered record;
    std::uint64_t number = 99;
    CHECK(ring.reader.read_newest(record, number) == ReadStatus::empty);
    CHECK(ring.reader.read(0, record) == ReadStatus::not_yet);
    CHECK(ring.reader.head() == 0);
}

TEST_CASE("the first record is read back whole") {
    HeapRing<8> ring;
    ring.publish();
    Numbered record;
    std::uint64_t number = 99;
    REQUIRE(ring.reader.read_newest(record, number) == ReadStatus::ok);
    CHECK(number == 0);
    CHECK(record == Numbered::of(0));
    CHECK(ring.reader.doorbell() == 1);
}

TEST_CASE("after a wrap the last turn is there and the turn before is overrun") {
    HeapRing<8> ring;
    ring.publish(19);
    Numbered record;
    for (std::uint64_t n = 11; n < 19; ++n) {
        REQUIRE(ring.reader.read(n, record) == ReadStatus::ok);
        CHECK(record == Numbered::of(n));
    }
    CHECK(ring.reader.read(10, record) == ReadStatus::overrun);
    CHECK(ring.reader.read(0, record) == ReadStatus::overrun);
    CHECK(ring.reader.read(19, record) == ReadStatus::not_yet);
}

TEST_CASE("a record overwritten while it is read is overrun, whichever word the writer comes at") {
    for (int word = 1; word <= kWordsOfRecord + 1; ++word) {
        HeapRing<2, SteppedAtomics> ring;
        ring.publish(2);
        SteppedAtomics::at_read = [&] { ring.publish(2); };
        SteppedAtomics::reads_left = word;
        Numbered record = Numbered::of(77);
        CHECK(ring.reader.read(1, record) == ReadStatus::overrun);
        CHECK(record == Numbered::of(77));
    }
}

TEST_CASE("the newest is found again when the ring turns under the first try") {
    HeapRing<2, SteppedAtomics> ring;
    ring.publish(2);
    SteppedAtomics::at_read = [&] { ring.publish(2); };
    SteppedAtomics::reads_left = 3;
    Numbered record;
    std::uint64_t number = 0;
    REQUIRE(ring.reader.read_newest(record, number) == ReadStatus::ok);
    CHECK(number == 3);
    CHECK(record == Numbered::of(3));
}

TEST_CASE("a reader lapped on every try gives up instead of spinning") {
    HeapRing<2, SteppedAtomics> ring;
    ring.publish(2);
    SteppedAtomics::at_read = [&] {
        ring.publish(2);
        SteppedAtomics::reads_left = kWordsOfRecord + 1;
    };
    SteppedAtomics::reads_left = 1;
    Numbered record;
    std::uint64_t number = 0;
    CHECK(ring.reader.read_newest(record, number) == ReadStatus::contended);
    SteppedAtomics::reads_left = 0;
}

TEST_CASE("a writer that dies inside a slot leaves the records before it readable") {
    // The word count of a record plus the odd sequence, which is stored relaxed too.
    for (int step = 1; step <= kWordsOfRecord + 1; ++step) {
        HeapRing<4, SteppedAtomics> ring;
        ring.publish(6);
        SteppedAtomics::at_write = [] { throw Killed("in the slot"); };
        SteppedAtomics::writes_left = step;
        CHECK_THROWS_AS(ring.publish(), Killed);
        Numbered record;
        std::uint64_t number = 0;
        REQUIRE(ring.reader.read_newest(record, number) == ReadStatus::ok);
        CHECK(number == 5);
        CHECK(record == Numbered::of(5));
        CHECK(ring.reader.read(6, record) == ReadStatus::not_yet);
        // Record 2 had the slot in which the writer died: gone, unless death came before the first
        // store.
        CHECK(ring.reader.read(2, record) == (step == 1 ? ReadStatus::ok : ReadStatus::overrun));
    }
}
