// Broadcast ring: one writer, any number of readers that only read. The writer never waits and
// never looks at a reader; a reader that falls behind by a whole ring loses records and is told so.
//
// Every slot has its own sequence number: 2n+1 while record n is being written, 2n+2 when it is
// complete. A reader takes a copy between two looks at that number. The copy is made word by word
// with relaxed atomics between fences, which makes the race with the writer defined behaviour;
// std::memcpy would not be. `head` counts completed records and is raised last, so the newest
// visible record is never half-written, not even when the writer is killed inside a slot.
//
// No unbounded loop, no allocation, no number from the shared memory used as an index except masked
// by the compiled size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "shm/atomics.hpp"

namespace wanctl::shm {

enum class ReadStatus : std::uint8_t {
    ok,
    empty,      // nothing was ever published
    not_yet,    // the record asked for is not complete
    overrun,    // the writer has reused its slot
    contended,  // overrun on every try: the reader was paused for whole turns of the ring, or the
                // memory lies
};

// Record: trivially copyable, a whole number of 64-bit words. Slots: a power of two. Atomics: see
// atomics.hpp.
template <typename Record, std::size_t Slots, typename Atomics = MappedAtomics>
struct Ring {
    using Word64 = typename Atomics::Word64;
    using Word32 = typename Atomics::Word32;
    using record_type = Record;
    using atomics = Atomics;

    static constexpr std::size_t kSlots = Slots;
    static constexpr std::size_t kWords = sizeof(Record) / sizeof(std::uint64_t);
    static constexpr std::uint64_t kMask = Slots - 1;
    static constexpr int kTries = 3;

    static_assert(std::is_trivially_copyable_v<Record>);
    static_assert(sizeof(Record) % sizeof(std::uint64_t) == 0);
    static_assert(Slots >= 2 && (Slots & (Slots - 1)) == 0, "the slot count is a power of two");

    struct Slot {
        Word64 sequence;
        Word64 payload[kWords];
    };

    // The three places of a ring in memory; they belong to whoever mapped them.
    struct Writable {
        Word64* head;
        Word32* doorbell;
        Slot* slots;
    };
    struct Readable {
        const Word64* head;
        const Word32* doorbell;
        const Slot* slots;
    };

    static constexpr std::uint64_t writing(std::uint64_t number) { return 2 * number + 1; }
    static constexpr std::uint64_t complete(std::uint64_t number) { return 2 * number + 2; }
};

// The writing end. Keeps its own counters and never reads them back from the memory, so no damage
// there can mislead it.
template <typename R>
class RingWriter {
  public:
    using Atomics = typename R::atomics;
    using Record = typename R::record_type;

    // The ring must be zeroed.
    explicit RingWriter(typename R::Writable memory) : memory_(memory) {}

    // Stores the record and makes it visible; returns its number. Wait-free.
    std::uint64_t store(const Record& record) {
        const std::uint64_t number = published_;
        typename R::Slot& slot = memory_.slots[number & R::kMask];
        Atomics::store_relaxed(slot.sequence, R::writing(number));
        Atomics::fence_release();
        const auto* bytes = reinterpret_cast<const unsigned char*>(&record);
        for (std::size_t i = 0; i < R::kWords; ++i) {
            std::uint64_t word = 0;
            std::memcpy(&word, bytes + i * sizeof word, sizeof word);
            Atomics::store_relaxed(slot.payload[i], word);
        }
        Atomics::store_release(slot.sequence, R::complete(number));
        published_ = number + 1;
        Atomics::store_release(*memory_.head, published_);
        return number;
    }

    // Raises the futex word; the caller wakes the sleepers (wait.hpp). Must follow store(), or a
    // wake-up could be lost.
    void ring_doorbell() { Atomics::store_release(*memory_.doorbell, ++rung_); }

    [[nodiscard]] std::uint64_t published() const { return published_; }

  private:
    typename R::Writable memory_;
    std::uint64_t published_ = 0;
    std::uint32_t rung_ = 0;
};

// The reading end: a view, copied freely; works on a read-only mapping.
template <typename R>
class RingReader {
  public:
    using Atomics = typename R::atomics;
    using Record = typename R::record_type;
    using ring = R;

    explicit RingReader(typename R::Readable memory) : memory_(memory) {}

    // Records completed since the segment's creation; the newest is head() - 1.
    [[nodiscard]] std::uint64_t head() const { return Atomics::load_acquire(*memory_.head); }
    // Load this before head(), and sleep on the value loaded: then no wake-up can be lost.
    [[nodiscard]] std::uint32_t doorbell() const {
        return Atomics::load_acquire(*memory_.doorbell);
    }

    // Record `number`; `out` is touched only when the answer is ok.
    [[nodiscard]] ReadStatus read(std::uint64_t number, Record& out) const {
        const typename R::Slot& slot = memory_.slots[number & R::kMask];
        const std::uint64_t before = Atomics::load_acquire(slot.sequence);
        if (before != R::complete(number)) {
            return before < R::complete(number) ? ReadStatus::not_yet : ReadStatus::overrun;
        }
        std::uint64_t copy[R::kWords];
        for (std::size_t i = 0; i < R::kWords; ++i)
            copy[i] = Atomics::load_relaxed(slot.payload[i]);
        Atomics::fence_acquire();
        if (Atomics::load_relaxed(slot.sequence) != before) return ReadStatus::overrun;
        std::memcpy(&out, copy, sizeof out);
        return ReadStatus::ok;
    }

    // The newest record and its number.
    [[nodiscard]] ReadStatus read_newest(Record& out, std::uint64_t& number) const {
        for (int attempt = 0; attempt < R::kTries; ++attempt) {
            const std::uint64_t published = head();
            if (published == 0) return ReadStatus::empty;
            number = published - 1;
            if (read(number, out) == ReadStatus::ok) return ReadStatus::ok;
        }
        return ReadStatus::contended;
    }

  private:
    typename R::Readable memory_;
};

}  // namespace wanctl::shm
