// A history's feed from a segment of the process's own: its store's thread reads the ring as any
// other reader does, and the writer knows nothing of it.
#pragma once

#include <memory>
#include <string_view>
#include <utility>

#include "common/error.hpp"
#include "common/history/batch.hpp"
#include "common/history/keeper.hpp"
#include "shm/segment_reader.hpp"
#include "shm/segment_writer.hpp"

namespace wanctl::shm {

// Rows makes rows of records (common/history/record_rows.hpp).
template <typename Rows>
class RecordFeed final : public history::Feed {
  public:
    using Record = typename Rows::Record;

    [[nodiscard]] static Result<std::unique_ptr<history::Feed>> attach(std::string_view name,
                                                                       const RecordAbi& abi,
                                                                       history::FeedFrom from) {
        auto reader = SegmentReader<Record>::attach(name, abi, {});
        if (!reader) return fail(ErrorKind::system, reader.error().text);
        return std::unique_ptr<history::Feed>(new RecordFeed(std::move(*reader), from));
    }

    Taken take(history::Batch& to, std::size_t most) override {
        Taken taken;
        for (; most > 0; --most) {
            Record record;
            const CursorStep step = cursor_.next(record);
            if (step.status != CursorStatus::record) return taken;
            taken.lost += step.lost;
            rows_.add(record, to);
        }
        taken.all = false;
        return taken;
    }

  private:
    RecordFeed(SegmentReader<Record> reader, history::FeedFrom from)
        : reader_(std::move(reader)),
          cursor_(from == history::FeedFrom::oldest ? reader_.from_oldest()
                                                    : reader_.from_newest()) {}

    SegmentReader<Record> reader_;
    Cursor<SegmentRing<Record>> cursor_;
    Rows rows_;
};

// Puts a store's figures into the segment's counters, from the store's thread.
template <typename Counter, typename Record>
[[nodiscard]] history::Store::Watch history_counters(const SegmentWriter<Record>& segment) {
    return [state = segment.cell(Counter::history_state),
            rows = segment.cell(Counter::history_rows), lost = segment.cell(Counter::history_lost),
            dropped = segment.cell(Counter::history_events_dropped),
            failures = segment.cell(Counter::history_failures),
            waiting = segment.cell(Counter::history_waiting),
            bytes = segment.cell(Counter::history_bytes),
            commit = segment.cell(Counter::history_commit_us),
            worst = segment.cell(Counter::history_worst_commit_us)](
               const history::StoreFigures& figures) {
        state.set(static_cast<std::uint64_t>(figures.state));
        rows.set(figures.rows);
        lost.set(figures.lost);
        dropped.set(figures.events_dropped);
        failures.set(figures.failures);
        waiting.set(figures.waiting);
        bytes.set(figures.bytes);
        commit.set(figures.commit_us);
        worst.set(figures.worst_commit_us);
    };
}

}  // namespace wanctl::shm
