// Readers beside a writer that never pauses, on a ring so small that they are lapped all the time:
// whatever they accept must be whole. WANCTL_TEST_FULL=1 runs for long.
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "common/clock.hpp"
#include "shm/cursor.hpp"
#include "tests/stress/numbered_payload.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/full_run.hpp"
#include "tests/support/shared_memory.hpp"
#include "tests/unit/shm/child.hpp"

using namespace wanctl;
using namespace wanctl::shm;
using namespace wanctl::test;

namespace {

constexpr int kReaders = 4;

using Small = Ring<NumberedPayload, 8>;

struct Tally {
    std::atomic<std::uint64_t> accepted = 0;
    std::atomic<std::uint64_t> refused = 0;
    std::atomic<std::uint64_t> torn = 0;
    std::atomic<std::uint64_t> backwards = 0;
    std::atomic<std::uint64_t> miscounted = 0;
    std::atomic<std::uint64_t> lost = 0;
    std::atomic<std::uint64_t> looks = 0;
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
    return full_run() ? std::chrono::milliseconds(30'000) : std::chrono::milliseconds(1'500);
}

void write_flat_out(Arena& arena) {
    const SystemClock clock;
    const SteadyTime end = clock.steady() + duration();
    RingWriter<Small> writer({&arena.head, &arena.doorbell, arena.slots});
    NumberedPayload payload;
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
    NumberedPayload payload;
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

// A burst, and on only when a reader has looked: they and the writer take turns record by record
// instead of time slice by time slice.
void write_in_bursts(Arena& arena, std::uint64_t records) {
    std::minstd_rand random(11);
    RingWriter<Small> writer({&arena.head, &arena.doorbell, arena.slots});
    NumberedPayload payload;
    const auto looks = [&] {
        std::uint64_t all = 0;
        for (const Tally& tally : arena.tally) all += tally.looks;
        return all;
    };
    while (writer.published() < records) {
        const std::uint64_t before = looks();
        for (std::uint64_t left = random() % (2 * Small::kSlots); left > 0; --left) {
            payload.fill(writer.published());
            writer.store(payload);
            writer.ring_doorbell();
            if (writer.published() == records) return;
        }
        while (looks() == before) std::this_thread::yield();
    }
}

// Reads some records, then looks away until the writer is that much further: never by the clock, so
// that a slow machine loses as a fast one does.
void read_stumbling(const Arena& arena, Tally& tally, std::uint32_t seed) {
    std::minstd_rand random(seed);
    const RingReader<Small> reader = arena.reader();
    Cursor<Small> cursor(reader, 0);
    std::uint64_t least = 0;
    NumberedPayload payload;
    for (;;) {
        ++tally.looks;
        const bool was_last = arena.stop;
        const CursorStep step = cursor.next(payload);
        if (step.status == CursorStatus::none && was_last) break;
        if (step.status != CursorStatus::record) continue;
        ++tally.accepted;
        tally.lost = cursor.lost();
        if (!payload.whole(step.number)) ++tally.torn;
        if (step.number < least) ++tally.backwards;
        least = step.number + 1;
        if (random() % 4 != 0) continue;
        const std::uint64_t until = reader.head() + random() % (3 * Small::kSlots);
        while (reader.head() < until && !arena.stop) {
            ++tally.looks;
            std::this_thread::yield();
        }
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

TEST_CASE("threads beside a writer at full speed never see a torn record") {
    const auto arena = std::make_unique<Arena>();
    std::vector<std::thread> readers;
    for (Tally& tally : arena->tally) {
        readers.emplace_back([&] { read_flat_out(*arena, tally); });
    }
    write_flat_out(*arena);
    for (std::thread& reader : readers) reader.join();
    check(*arena);
}

TEST_CASE("processes beside a writer at full speed never see a torn record") {
    const SharedMemory<Arena> arena;
    std::vector<std::unique_ptr<Child>> readers;
    for (Tally& tally : arena->tally) {
        readers.push_back(std::make_unique<Child>([&] {
            read_flat_out(*arena, tally);
            return 0;
        }));
    }
    write_flat_out(*arena);
    for (const auto& reader : readers) CHECK(reader->wait() == 0);
    check(*arena);
}

TEST_CASE("what slow readers saw and what they lost is what was published, in order") {
    const SharedMemory<Arena> arena;
    std::vector<std::unique_ptr<Child>> readers;
    for (Tally& tally : arena->tally) {
        readers.push_back(std::make_unique<Child>([&] {
            read_stumbling(*arena, tally, static_cast<std::uint32_t>(&tally - arena->tally + 1));
            return 0;
        }));
    }
    const std::uint64_t records = full_run() ? 100'000 : 3'000;
    write_in_bursts(*arena, records);
    arena->stop = true;
    for (const auto& reader : readers) CHECK(reader->wait() == 0);
    for (const Tally& tally : arena->tally) {
        fmt::print("{} seen + {} lost of {} published\n", tally.accepted.load(), tally.lost.load(),
                   records);
        CHECK(tally.accepted + tally.lost == records);
        CHECK(tally.accepted > 100);
        CHECK(tally.lost > 0);
        CHECK(tally.torn == 0);
        CHECK(tally.backwards == 0);
    }
}
