// Readers beside a writer that never pauses, on a ring so small that they are lapped all the time:
// whatever they accept must be whole. WANCTL_TEST_FULL=1 runs for long.
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <memory>
#include <new>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "common/clock.hpp"
#include "common/record/record_abi.hpp"
#include "shm/cursor.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/full_run.hpp"

using namespace wanctl;
using namespace wanctl::shm;

namespace {

constexpr int kReaders = 2;

// As large as a real record; every word depends on the number in another way.
struct Payload {
    std::uint64_t words[kRecordBytes / sizeof(std::uint64_t)];

    void fill(std::uint64_t number) {
        std::uint64_t value = number * 0x9E37'79B9'7F4A'7C15ULL + 1;
        for (std::uint64_t& word : words) word = value = value * 6'364'136'223'846'793'005ULL + 1;
        words[0] = number;
    }
    [[nodiscard]] bool whole(std::uint64_t number) const {
        Payload expected;
        expected.fill(number);
        return std::memcmp(this, &expected, sizeof expected) == 0;
    }
};

using Small = Ring<Payload, 8>;

struct Tally {
    std::atomic<std::uint64_t> accepted = 0;
    std::atomic<std::uint64_t> refused = 0;
    std::atomic<std::uint64_t> torn = 0;
    std::atomic<std::uint64_t> backwards = 0;
    std::atomic<std::uint64_t> miscounted = 0;
    std::atomic<std::uint64_t> lost = 0;
};

// What writer and readers share, between threads or processes.
struct Arena {
    alignas(64) std::uint64_t head;
    std::uint32_t doorbell;
    std::atomic<bool> stop;
    alignas(64) Small::Slot slots[Small::kSlots];
    Tally tally[kReaders];

    [[nodiscard]] RingReader<Small> reader() const {
        return RingReader<Small>({&head, &doorbell, slots});
    }
};

std::chrono::milliseconds duration() {
    return test::full_run() ? std::chrono::milliseconds(15'000) : std::chrono::milliseconds(1'500);
}

void write_flat_out(Arena& arena) {
    const SystemClock clock;
    const SteadyTime end = clock.steady() + duration();
    RingWriter<Small> writer({&arena.head, &arena.doorbell, arena.slots});
    Payload payload;
    while (clock.steady() < end) {
        for (int i = 0; i < 1000; ++i) {
            payload.fill(writer.published());
            writer.store(payload);
            writer.ring_doorbell();
        }
    }
    arena.stop = true;
}

void read_flat_out(const Arena& arena, Tally& tally) {
    const RingReader<Small> reader = arena.reader();
    Cursor<Small> cursor(reader, 0);
    std::uint64_t handed_out = 0;
    std::uint64_t newest = 0;
    Payload payload;
    while (!arena.stop) {
        std::uint64_t number = 0;
        if (reader.read_newest(payload, number) == ReadStatus::ok) {
            ++tally.accepted;
            if (!payload.whole(number)) ++tally.torn;
            if (number < newest) ++tally.backwards;
            newest = number;
        } else {
            ++tally.refused;
        }
        const CursorStep step = cursor.next(payload);
        if (step.status != CursorStatus::record) continue;
        ++handed_out;
        ++tally.accepted;
        if (!payload.whole(step.number)) ++tally.torn;
        if (handed_out + cursor.lost() != cursor.position()) ++tally.miscounted;
        tally.lost = cursor.lost();
    }
}

void check(const Arena& arena) {
    for (const Tally& tally : arena.tally) {
        fmt::print("accepted {}, refused {}, lost {} of {} published\n", tally.accepted.load(),
                   tally.refused.load(), tally.lost.load(), arena.head);
        CHECK(tally.accepted > 100);
        CHECK(tally.torn == 0);
        CHECK(tally.backwards == 0);
        CHECK(tally.miscounted == 0);
        // Before a fork copies what waits in the buffer.
        std::fflush(stdout);
        // Without being lapped a reader has proved nothing.
        CHECK(tally.lost > 0);
    }
}

}  // namespace

TEST_CASE("two threads beside a writer at full speed never see a torn record") {
    const auto arena = std::make_unique<Arena>();
    std::vector<std::thread> readers;
    for (Tally& tally : arena->tally) {
        readers.emplace_back([&] { read_flat_out(*arena, tally); });
    }
    write_flat_out(*arena);
    for (std::thread& reader : readers) reader.join();
    check(*arena);
}

TEST_CASE("two processes beside a writer at full speed never see a torn record") {
    void* memory =
        ::mmap(nullptr, sizeof(Arena), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory != MAP_FAILED);
    auto* arena = new (memory) Arena{};
    std::vector<pid_t> readers;
    for (Tally& tally : arena->tally) {
        const pid_t pid = ::fork();
        if (pid == 0) {
            read_flat_out(*arena, tally);
            ::_exit(0);
        }
        readers.push_back(pid);
    }
    write_flat_out(*arena);
    for (const pid_t pid : readers) {
        int status = 0;
        ::waitpid(pid, &status, 0);
        CHECK(status == 0);
    }
    check(*arena);
    ::munmap(memory, sizeof(Arena));
}
