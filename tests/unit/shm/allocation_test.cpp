// Counts what publishing allocates. The replaced operator new is for the whole test program.
#include <atomic>
#include <cstdlib>
#include <new>

#include "common/record/cycle_counters.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/shm/scratch.hpp"

namespace {
std::atomic<std::uint64_t> allocations = 0;
}

void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    ++allocations;
    return std::malloc(size);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

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
    const std::uint64_t before = allocations;
    bool all_read = true;
    for (int i = 0; i < 10'000; ++i) {
        writer->heartbeat(SystemClock().steady());
        writer->count(CycleCounter::slots);
        writer->publish(record);
        all_read &= cursor.next(record).status == shm::CursorStatus::record;
        all_read &= reader->read_newest(record, number) == shm::ReadStatus::ok;
        all_read &= reader->liveness(SystemClock().steady()) == shm::Liveness::live;
    }
    const std::uint64_t made = allocations - before;
    CHECK(made == 0);
    CHECK(all_read);
}
