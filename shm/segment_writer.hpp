// The writing side of a segment: its creation, its life as the only writer of its name, its end.
//
// One thread uses it. Publishing neither allocates nor waits; the wake-up is one system call. A
// killed writer leaves at worst one invisible half-written slot; the object stays for post-mortem
// until a successor takes over its name.
#pragma once

#include <bit>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "common/clock.hpp"
#include "common/error.hpp"
#include "common/record/record_abi.hpp"
#include "shm/layout.hpp"
#include "shm/wait.hpp"

namespace wanctl::shm {

struct WriterOptions {
    std::string name;     // of the WAN, or "steering"
    std::string version;  // of the program, for display; cut at 47 bytes
    std::string group;    // who may read; empty = the process's group
    Nanos tick_period{};
    Nanos stale_after{};  // the promise readers judge the heartbeat and the newest record by
};

// What does not depend on the record.
class SegmentOwner {
  public:
    // Takes the name (error busy, with the holder's pid, when another process has it), builds a new
    // object under another name, renames it into place and then retires the predecessor's: no
    // reader ever meets a half-built segment, and whoever the retirement wakes finds the new one.
    [[nodiscard]] static Result<SegmentOwner> create(const WriterOptions& options,
                                                     const RecordAbi& abi, const Clock& clock);

    SegmentOwner(SegmentOwner&&) noexcept;
    SegmentOwner& operator=(SegmentOwner&&) noexcept;
    // Without stop() before, readers see a writer that died.
    ~SegmentOwner();

    [[nodiscard]] SegmentHeader& header() const;
    [[nodiscard]] std::byte* slots() const;
    // What the operator should hear of but need not act on (memory not locked, a foreign object
    // replaced ...).
    [[nodiscard]] const std::vector<std::string>& warnings() const;

  private:
    struct Impl;
    explicit SegmentOwner(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> impl_;
};

// One counter of a segment in the hands of another thread than the segment's own; nobody else
// writes it then. Good as long as the segment.
class CounterCell {
  public:
    explicit CounterCell(std::uint64_t& word) : word_(&word) {}
    void set(std::uint64_t value) const { MappedAtomics::store_relaxed(*word_, value); }

  private:
    std::uint64_t* word_;
};

// Atomics: how the ring's words are stored (atomics.hpp); tests step in there.
template <typename Record, typename Atomics = MappedAtomics>
class SegmentWriter {
  public:
    using ring = Ring<Record, kSlots, Atomics>;
    static_assert(kFitsSegment<Record>);

    [[nodiscard]] static Result<SegmentWriter> create(const WriterOptions& options,
                                                      const RecordAbi& abi, const Clock& clock) {
        auto owner = SegmentOwner::create(options, abi, clock);
        if (!owner) return tl::unexpected<Error>(std::move(owner.error()));
        return SegmentWriter(std::move(*owner));
    }

    // Stores the record, makes it visible, wakes the sleepers; returns its number.
    std::uint64_t publish(const Record& record) {
        const std::uint64_t number = publish_quietly(record);
        wake_doorbell(&owner_.header().doorbell);
        return number;
    }
    // The same without the system call: sleepers notice at their next look.
    std::uint64_t publish_quietly(const Record& record) {
        const std::uint64_t number = ring_.store(record);
        ring_.ring_doorbell();
        return number;
    }

    // Every turn of the loop, whether anything is published or not.
    void heartbeat(SteadyTime now) {
        MappedAtomics::store_release(owner_.header().heartbeat_ns,
                                     std::int64_t{now.time_since_epoch().count()});
    }

    // Counter is the record's enumeration of counters, or an index into its table.
    template <typename Counter>
    void count(Counter counter, std::uint64_t more = 1) {
        std::uint64_t& word = place(counter);
        MappedAtomics::store_relaxed(word, MappedAtomics::load_relaxed(word) + more);
    }
    template <typename Counter>
    void set_counter(Counter counter, std::uint64_t value) {
        MappedAtomics::store_relaxed(place(counter), value);
    }
    template <typename Counter>
    void raise_counter(Counter counter, std::uint64_t value) {
        std::uint64_t& word = place(counter);
        if (MappedAtomics::load_relaxed(word) < value) MappedAtomics::store_relaxed(word, value);
    }
    template <typename Counter>
    [[nodiscard]] std::uint64_t counter(Counter counter) const {
        return MappedAtomics::load_relaxed(place(counter));
    }

    // Stays good when the writer is moved.
    template <typename Counter>
    [[nodiscard]] CounterCell cell(Counter counter) const {
        return CounterCell(place(counter));
    }

    // The slow facts of this kind of record, at start and whenever they change. Nobody is woken:
    // readers look when they want to know.
    template <typename Facts>
    void publish_facts(const Facts& facts) {
        static_assert(sizeof(Facts) == kFactsBytes);
        facts_.store(std::bit_cast<RawFacts>(facts));
    }

    // Tells readers that this is the end; the object stays. The last record should carry its own
    // flag before.
    void stop() {
        MappedAtomics::store_release(owner_.header().state,
                                     static_cast<std::uint32_t>(SegmentState::stopping));
        ring_.ring_doorbell();
        wake_doorbell(&owner_.header().doorbell);
    }

    [[nodiscard]] std::uint64_t published() const { return ring_.published(); }
    [[nodiscard]] const std::vector<std::string>& warnings() const { return owner_.warnings(); }

  private:
    explicit SegmentWriter(SegmentOwner owner)
        : owner_(std::move(owner)),
          ring_({&owner_.header().head, &owner_.header().doorbell,
                 reinterpret_cast<typename ring::Slot*>(owner_.slots())}),
          facts_({&owner_.header().facts_head, nullptr,
                  reinterpret_cast<FactsRing<RawFacts>::Slot*>(
                      reinterpret_cast<SegmentFrame&>(owner_.header()).facts)}) {}

    template <typename Counter>
    [[nodiscard]] std::uint64_t& place(Counter counter) const {
        const auto index = static_cast<std::size_t>(counter);
        return owner_.header().counters[index < kMaxCounters ? index : kMaxCounters - 1];
    }

    SegmentOwner owner_;
    RingWriter<ring> ring_;
    RingWriter<FactsRing<RawFacts>> facts_;
};

}  // namespace wanctl::shm
