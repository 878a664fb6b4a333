// A segment as its readers see it: attached by the checks of attach.hpp, read by the ring's
// protocol, never written.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "shm/attach.hpp"
#include "shm/cursor.hpp"
#include "shm/liveness.hpp"
#include "shm/wait.hpp"

namespace wanctl::shm {

// Movable; its cursors and ring views are good as long as the mapping they came from, that is this
// object or the one it was moved to.
template <typename Record>
class SegmentReader {
  public:
    using ring = SegmentRing<Record>;
    static_assert(kFitsSegment<Record>);

    [[nodiscard]] static tl::expected<SegmentReader, AttachFailure> attach(
        std::string_view name, const RecordAbi& abi, const AttachOptions& options) {
        auto segment = shm::attach(name, abi, options);
        if (!segment) return tl::unexpected<AttachFailure>(std::move(segment.error()));
        return SegmentReader(std::move(*segment));
    }

    // The constant part of the header, checked at attach.
    [[nodiscard]] const SegmentFacts& facts() const { return segment_.facts; }
    [[nodiscard]] uid_t owner() const { return segment_.owner; }

    [[nodiscard]] RingReader<ring> records() const {
        const auto& layout =
            *reinterpret_cast<const SegmentLayout<Record>*>(segment_.object.data());
        return RingReader<ring>({&layout.frame.header.head, &layout.frame.header.doorbell,
                                 static_cast<const typename ring::Slot*>(layout.slots)});
    }
    [[nodiscard]] std::uint64_t head() const { return records().head(); }
    [[nodiscard]] ReadStatus read_newest(Record& out, std::uint64_t& number) const {
        return records().read_newest(out, number);
    }
    [[nodiscard]] ReadStatus read(std::uint64_t number, Record& out) const {
        return records().read(number, out);
    }

    [[nodiscard]] Cursor<ring> from_newest() const { return Cursor<ring>::from_newest(records()); }
    [[nodiscard]] Cursor<ring> from_oldest() const { return Cursor<ring>::from_oldest(records()); }
    [[nodiscard]] Cursor<ring> last(std::uint64_t count) const {
        return Cursor<ring>::last(records(), count);
    }

    // Lost wake-ups are impossible in this order: seen = doorbell(); look at the ring; nothing new:
    // wait(seen, ...).
    [[nodiscard]] std::uint32_t doorbell() const { return records().doorbell(); }
    [[nodiscard]] WaitResult wait(std::uint32_t seen, Nanos timeout) const {
        return wait_doorbell(&segment_.header().doorbell, seen, timeout);
    }

    // For wait_any over several segments.
    [[nodiscard]] Doorbell bell(std::uint32_t seen) const {
        return {&segment_.header().doorbell, seen};
    }
    [[nodiscard]] const SegmentFrame& frame() const { return segment_.frame(); }
    // Its monotonic times are comparable with ours.
    [[nodiscard]] bool this_boot() const { return segment_.this_boot; }

    // May be a number without a name: range-check by name() before believing it.
    [[nodiscard]] SegmentState state() const {
        return static_cast<SegmentState>(MappedAtomics::load_acquire(segment_.header().state));
    }
    [[nodiscard]] Liveness liveness(SteadyTime now) const { return liveness_of(segment_, now); }
    [[nodiscard]] Reattach reattach_reason(SteadyTime now) const {
        return shm::reattach_reason(segment_, now);
    }
    // CLOCK_MONOTONIC of the writer's last turn.
    [[nodiscard]] Nanos heartbeat() const {
        return Nanos(MappedAtomics::load_acquire(segment_.header().heartbeat_ns));
    }
    // 0 beyond the counters in use.
    [[nodiscard]] std::uint64_t counter(std::size_t index) const {
        return index < kMaxCounters && index < segment_.facts.counter_count
                   ? MappedAtomics::load_relaxed(segment_.header().counters[index])
                   : 0;
    }
    // The slow facts of this kind of record. empty = its writer has none (yet); contended = look
    // again later. Trust their texts only as far as they reach: a NUL may be missing.
    template <typename Facts>
    [[nodiscard]] ReadStatus read_facts(Facts& out) const {
        static_assert(sizeof(Facts) == kFactsBytes);
        return facts_of(frame(), out);
    }
    // True when both look at the very same instance.
    [[nodiscard]] bool same_instance(const SegmentReader& other) const {
        return segment_.device == other.segment_.device && segment_.inode == other.segment_.inode &&
               segment_.facts.epoch_ns == other.segment_.facts.epoch_ns;
    }

  private:
    explicit SegmentReader(AttachedSegment segment) : segment_(std::move(segment)) {}

    AttachedSegment segment_;
};

}  // namespace wanctl::shm
