// Reads a segment record by record for as long as it takes: sleeps on the doorbell, counts losses,
// moves to the successor when the writer restarts, says when it is gone.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "common/clock.hpp"
#include "shm/segment_reader.hpp"

namespace wanctl::inspect {

// What happened; told in this order.
template <typename Record>
class RecordSink {
  public:
    virtual ~RecordSink() = default;
    // False ends the following.
    [[nodiscard]] virtual bool on_record(std::uint64_t number, const Record& record) = 0;
    virtual void on_loss(std::uint64_t lost) = 0;
    // The writer's state is no longer what it was: hung, stopped, retired, dead, or live again.
    virtual void on_liveness(shm::Liveness liveness) = 0;
    virtual void on_restart(const shm::SegmentFacts& facts) = 0;
};

template <typename Record>
class RecordFollower {
  public:
    using Reader = shm::SegmentReader<Record>;
    using Cursor = shm::Cursor<typename Reader::ring>;
    using Sink = RecordSink<Record>;

    RecordFollower(std::string name, RecordAbi abi, Reader reader, Cursor cursor,
                   const Clock& clock)
        : name_(std::move(name)),
          abi_(std::move(abi)),
          reader_(std::move(reader)),
          cursor_(cursor),
          clock_(clock) {}

    // What is there now; false when the sink wants no more.
    bool drain(Sink& sink) {
        Record record{};
        for (;;) {
            const shm::CursorStep step = cursor_.next(record);
            if (step.status != shm::CursorStatus::record) return true;
            if (step.lost > 0) sink.on_loss(step.lost);
            if (!sink.on_record(step.number, record)) return false;
        }
    }

    // Is the writer alive, has it a successor? drain() first: what the predecessor wrote is gone
    // after.
    void look_around(Sink& sink) {
        const SteadyTime now = clock_.steady();
        const shm::Liveness liveness = reader_.liveness(now);
        if (liveness != told_) {
            sink.on_liveness(liveness);
            told_ = liveness;
        }
        if (reader_.reattach_reason(now) == shm::Reattach::no) return;
        // The old mapping stays until the new one has passed every check.
        auto successor = Reader::attach(name_, abi_, {});
        if (!successor || successor->same_instance(reader_)) return;
        reader_ = std::move(*successor);
        cursor_ = Cursor(reader_.records(), 0);
        told_ = reader_.liveness(now);
        sink.on_restart(reader_.facts());
    }

    // Until the sink wants no more.
    void follow(Sink& sink) {
        for (;;) {
            const std::uint32_t seen = reader_.doorbell();
            const std::uint64_t before = cursor_.position();
            if (!drain(sink)) return;
            if (cursor_.position() != before) continue;
            look_around(sink);
            // After a move to a successor the value is foreign to its doorbell: the wait returns at
            // once or in time.
            static_cast<void>(reader_.wait(seen, kLookAround));
        }
    }

    [[nodiscard]] const Reader& reader() const { return reader_; }

  private:
    // A dead writer rings no bell: this often the follower looks up by itself.
    static constexpr Nanos kLookAround = std::chrono::milliseconds(250);

    std::string name_;
    RecordAbi abi_;
    Reader reader_;
    Cursor cursor_;
    const Clock& clock_;
    shm::Liveness told_ = shm::Liveness::live;
};

}  // namespace wanctl::inspect
