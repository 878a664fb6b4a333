// Reads a ring record by record, in order, and counts what it could not see.
#pragma once

#include <cstddef>
#include <cstdint>

#include "shm/ring.hpp"

namespace wanctl::shm {

enum class CursorStatus : std::uint8_t {
    record,     // `out` is the next record
    none,       // nothing new: sleep on the doorbell
    contended,  // lapped on every try, or the memory is damaged: try later
    restarted,  // the head went back: another instance or damage; attach again
};

struct CursorStep {
    CursorStatus status = CursorStatus::none;
    std::uint64_t number = 0;  // of the record
    std::uint64_t lost = 0;    // records skipped right before it
};

// Invariant: records handed out + lost() == position() - the first number asked for. Never reads
// right before the writer's broom: a cursor closer than an eighth of the ring to being lapped jumps
// to the middle of the ring at once.
template <typename R>
class Cursor {
  public:
    // The furthest behind the head a record is still read.
    static constexpr std::uint64_t kReach = R::kSlots - R::kSlots / 8;
    static constexpr std::uint64_t kLanding = R::kSlots / 2;

    Cursor(RingReader<R> reader, std::uint64_t first) : reader_(reader), next_(first) {}

    static Cursor from_newest(RingReader<R> reader) { return Cursor(reader, reader.head()); }
    static Cursor from_oldest(RingReader<R> reader) { return last(reader, kReach); }
    // The last `count` records, as far as the ring safely reaches back.
    static Cursor last(RingReader<R> reader, std::uint64_t count) {
        const std::uint64_t head = reader.head();
        const std::uint64_t back = count < kReach ? count : kReach;
        return Cursor(reader, head > back ? head - back : 0);
    }

    [[nodiscard]] CursorStep next(typename R::record_type& out) {
        for (int attempt = 0; attempt < R::kTries; ++attempt) {
            const std::uint64_t head = reader_.head();
            if (head < next_) return {CursorStatus::restarted, next_, 0};
            if (head == next_) return {CursorStatus::none, next_, 0};
            const std::uint64_t wanted = head - next_ > kReach ? head - kLanding : next_;
            if (reader_.read(wanted, out) == ReadStatus::ok) {
                const std::uint64_t skipped = wanted - next_;
                lost_ += skipped;
                next_ = wanted + 1;
                return {CursorStatus::record, wanted, skipped};
            }
        }
        return {CursorStatus::contended, next_, 0};
    }

    // Of the record the next call asks for.
    [[nodiscard]] std::uint64_t position() const { return next_; }
    [[nodiscard]] std::uint64_t lost() const { return lost_; }

  private:
    RingReader<R> reader_;
    std::uint64_t next_ = 0;
    std::uint64_t lost_ = 0;
};

}  // namespace wanctl::shm
