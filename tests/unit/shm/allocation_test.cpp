// Publishing and reading allocate nothing.
#include "common/record/cycle_counters.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/counting_new.hpp"
#include "tests/unit/shm/scratch.hpp"

using namespace wanctl;
using namespace wanctl::test;

TEST_CASE("publishing and reading allocate nothing") {
    const ScratchName name("alloc");
    auto writer = new_writer(name);
    REQUIRE(writer);
    const auto reader = new_reader(name);
    REQUIRE(reader);
    auto cursor = reader->from_oldest();
    CycleRecord record = record_of(0);
    std::uint64_t number = 0;
    const std::uint64_t before = allocations();
    bool all_read = true;
    for (int i = 0; i < 10'000; ++i) {
        writer->heartbeat(SystemClock().steady());
        writer->count(CycleCounter::slots);
        writer->publish(record);
        all_read &= cursor.next(record).status == shm::CursorStatus::record;
        all_read &= reader->read_newest(record, number) == shm::ReadStatus::ok;
        all_read &= reader->liveness(SystemClock().steady()) == shm::Liveness::live;
    }
    const std::uint64_t made = allocations() - before;
    CHECK(made == 0);
    CHECK(all_read);
}
