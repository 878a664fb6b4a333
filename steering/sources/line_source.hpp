// One line's ring as steering reads it: attached when there is one, left for its successor when its
// writer restarts, every believable record handed out once and in order.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "common/record/cycle_record.hpp"
#include "common/record/record_abi.hpp"
#include "shm/segment_reader.hpp"
#include "steering/decide/cycle_readings.hpp"

namespace wanctl::steering {

// Since start.
struct SourceCounts {
    std::uint64_t seen = 0;      // records dealt with, the missed ones included
    std::uint64_t missed = 0;    // overwritten before they could be read
    std::uint64_t bad = 0;       // not believable, passed over
    std::uint64_t restarts = 0;  // of the writer
};

class LineSource {
  public:
    // `owners`: whose segments are believed; empty: anybody's. `before_leaving` is called before a
    // ring is unmapped: whoever sleeps on its bell has to stop.
    LineSource(std::string name, std::vector<uid_t> owners,
               std::function<void()> before_leaving = {});

    // Judges the writer and looks for a ring or a successor: every timer tick, and whenever a
    // doorbell rang without a record. Drain with next() before, or the old ring's last records are
    // lost. True when `state` or the ring is another one than before.
    bool look(SteadyTime now);

    // The next record as a reading; nothing when there is no more for now. The first ring is read
    // from its newest record on, a successor's from its first.
    [[nodiscard]] std::optional<LineReading> next(SteadyTime now);

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] SourceState state() const { return state_; }
    // For the operator: what is wrong with the ring; empty while its writer lives.
    [[nodiscard]] const std::string& text() const { return text_; }
    [[nodiscard]] const SourceCounts& counts() const { return counts_; }
    // To sleep on: take it before next(), so that no ring in between is slept through. Nothing
    // without a ring. Good until `before_leaving`.
    [[nodiscard]] std::optional<shm::Doorbell> bell() const;
    // The newest record that was believable, for what the reading leaves out.
    [[nodiscard]] const CycleRecord& newest() const { return newest_; }

  private:
    using Reader = shm::SegmentReader<CycleRecord>;
    using Cursor = shm::Cursor<Reader::ring>;

    bool try_attach(SteadyTime now);
    void judge(SteadyTime now);
    void leave();

    std::string name_;
    std::vector<uid_t> owners_;
    std::function<void()> before_leaving_;
    RecordAbi abi_;
    std::optional<Reader> reader_;
    std::optional<Cursor> cursor_;
    SteadyTime next_try_{};
    bool damaged_ = false;  // the ring went back: only another one will do
    CycleReadings readings_;
    CycleRecord newest_;
    SourceCounts counts_;
    SourceState state_ = SourceState::absent;
    std::string text_;
};

}  // namespace wanctl::steering
