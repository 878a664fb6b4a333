#include "shm/inspect/watch_source.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "common/record/cycle_checks.hpp"
#include "common/record/cycle_fields.hpp"
#include "common/record/steering_checks.hpp"
#include "common/record/steering_fields.hpp"
#include "shm/directory.hpp"
#include "shm/inspect/follower.hpp"
#include "shm/process_identity.hpp"

namespace wanctl::inspect {
namespace {

// New segments appear, and unreadable ones become readable, at this pace.
constexpr Nanos kScanEvery = std::chrono::seconds(1);
constexpr std::uint64_t kRateWindow = 200;

template <typename Reader>
std::optional<double> recent_rate(const Reader& reader) {
    const std::uint64_t head = reader.head();
    if (head < 2) return std::nullopt;
    const std::uint64_t back = std::min(head - 1, kRateWindow);
    typename Reader::ring::record_type newest{};
    typename Reader::ring::record_type older{};
    if (reader.read(head - 1, newest) != shm::ReadStatus::ok ||
        reader.read(head - 1 - back, older) != shm::ReadStatus::ok) {
        return std::nullopt;
    }
    const double seconds = to_seconds(Nanos(newest.mono_ns - older.mono_ns));
    if (seconds <= 0) return std::nullopt;
    return static_cast<double>(back) / seconds;
}

template <typename Reader>
void look_at_writer(const Reader& reader, SteadyTime now, WatchedWriter& writer) {
    const shm::SegmentFacts& facts = reader.facts();
    writer.liveness = reader.liveness(now);
    writer.pid = facts.writer_pid;
    writer.pid_alive = facts.writer_start_ticks != 0 &&
                       shm::start_ticks(facts.writer_pid) == facts.writer_start_ticks;
    writer.version = facts.version;
    writer.started = Nanos(facts.epoch_ns);
    writer.stale_after = facts.stale_after;
    writer.heartbeat_age = now.time_since_epoch() - reader.heartbeat();
    writer.published = reader.head();
    writer.rate = recent_rate(reader);
}

void keep(WatchedSegment& segment, const CycleRecord& record) {
    segment.cycle.newest = record;
    if (record.writes_ended > 0) segment.cycle.last_write = record;
    segment.cycle.history.add(Nanos(record.mono_ns), Nanos(record.interval_ns), stretch_of(record));
}

void keep(WatchedSegment& segment, const SteeringRecord& record) {
    segment.steering.newest = record;
    segment.steering.history.add(Nanos(record.mono_ns), Nanos(record.interval_ns),
                                 stretch_of(record));
}

// Bounds and names behind the records. They are texts and figures for the eye, nothing is computed
// from them but the length of a bar.
void read_facts(const shm::SegmentReader<CycleRecord>& reader, WatchedSegment& segment) {
    CycleFacts facts;
    const shm::ReadStatus status = reader.read_facts(facts);
    if (status == shm::ReadStatus::ok) segment.cycle.facts = facts;
    if (status == shm::ReadStatus::empty) segment.cycle.facts.reset();
}
void read_facts(const shm::SegmentReader<SteeringRecord>&, WatchedSegment&) {}

// What the predecessor of a writer left; its history stays, as long as its times mean something.
void forget(WatchedSegment& segment, bool history_too) {
    segment.fault.clear();
    segment.cycle.newest.reset();
    segment.cycle.last_write.reset();
    segment.steering.newest.reset();
    if (!history_too) return;
    segment.cycle.history.clear();
    segment.steering.history.clear();
}

std::optional<std::int64_t> newest_mono(const WatchedSegment& segment) {
    if (segment.cycle.newest) return segment.cycle.newest->mono_ns;
    if (segment.steering.newest) return segment.steering.newest->mono_ns;
    return std::nullopt;
}

// Takes the records of one follower into the segment's part of the model.
template <typename Record>
class Taker final : public RecordSink<Record> {
  public:
    Taker(WatchedSegment& segment, SteadyTime now) : segment_(segment), now_(now) {}

    bool on_record(std::uint64_t, const Record& record) override {
        // The monotonic clock of another boot says nothing about ours.
        const SteadyTime judged_at =
            segment_.writer.this_boot ? now_ : SteadyTime(Nanos(record.mono_ns));
        segment_.fault = first_fault(record, judged_at);
        if (segment_.fault.empty()) keep(segment_, record);
        return true;
    }
    void on_loss(std::uint64_t lost) override { segment_.writer.lost += lost; }
    void on_liveness(shm::Liveness) override {}
    void on_restart(const shm::SegmentFacts& facts) override {
        const bool other_boot = !segment_.writer.this_boot;
        segment_.writer.this_boot = facts.boot_id == shm::boot_id();
        ++segment_.writer.restarts;
        forget(segment_, other_boot || !segment_.writer.this_boot);
    }

  private:
    WatchedSegment& segment_;
    SteadyTime now_;
};

}  // namespace

class WatchSource::Tracker {
  public:
    explicit Tracker(const Clock& clock) : clock_(clock) {}

    // `scanning`: also try what is worth trying only now and then.
    void refresh(WatchedSegment& segment, bool scanning) {
        const bool attached = cycle_ || steering_;
        if (!attached && scanning) attach_either(segment);
        if (cycle_) follow(*cycle_, segment);
        if (steering_) follow(*steering_, segment);
        if (attached && scanning) explain_successor(segment);
    }

  private:
    void attach_either(WatchedSegment& segment) {
        const auto status = attach(segment, cycle_, cycle_abi());
        if (status == shm::AttachStatus::other_kind) attach(segment, steering_, steering_abi());
    }

    // Nothing when it worked.
    template <typename Record>
    std::optional<shm::AttachStatus> attach(WatchedSegment& segment,
                                            std::optional<RecordFollower<Record>>& follower,
                                            const RecordAbi& abi) {
        auto reader = shm::SegmentReader<Record>::attach(segment.name, abi, {});
        if (!reader) {
            segment.trouble = reader.error().text;
            return reader.error().status;
        }
        segment.trouble.clear();
        segment.kind = abi.kind;
        segment.counters.resize(abi.counters.size());
        segment.writer.this_boot = reader->this_boot();
        const auto cursor = reader->from_oldest();
        follower.emplace(segment.name, abi, std::move(*reader), cursor, clock_);
        return std::nullopt;
    }

    template <typename Record>
    void follow(RecordFollower<Record>& follower, WatchedSegment& segment) {
        const SteadyTime now = clock_.steady();
        Taker<Record> taker(segment, now);
        follower.drain(taker);
        follower.look_around(taker);
        follower.drain(taker);
        look_at_writer(follower.reader(), now, segment.writer);
        read_facts(follower.reader(), segment);
        for (std::size_t i = 0; i < segment.counters.size(); ++i) {
            segment.counters[i] = follower.reader().counter(i);
        }
        if (const auto mono_ns = newest_mono(segment)) note_age(segment, *mono_ns, now);
    }

    // The follower waits in silence for a successor that it can read.
    void explain_successor(WatchedSegment& segment) {
        segment.successor_trouble.clear();
        if (segment.writer.liveness != shm::Liveness::retired) return;
        if (cycle_)
            explain(shm::SegmentReader<CycleRecord>::attach(segment.name, cycle_abi(), {}),
                    segment);
        if (steering_) {
            explain(shm::SegmentReader<SteeringRecord>::attach(segment.name, steering_abi(), {}),
                    segment);
        }
    }
    template <typename Attached>
    static void explain(const Attached& attached, WatchedSegment& segment) {
        if (!attached) segment.successor_trouble = attached.error().text;
    }

    static void note_age(WatchedSegment& segment, std::int64_t mono_ns, SteadyTime now) {
        segment.age = now.time_since_epoch() - Nanos(mono_ns);
        const bool alive = segment.writer.liveness == shm::Liveness::live;
        segment.chart_end = alive ? now.time_since_epoch() : Nanos(mono_ns);
    }

    const Clock& clock_;
    // At most one of them: what kind of records the segment holds.
    std::optional<RecordFollower<CycleRecord>> cycle_;
    std::optional<RecordFollower<SteeringRecord>> steering_;
};

WatchSource::WatchSource(std::string only, const Clock& clock)
    : only_(std::move(only)), clock_(clock) {
    if (!only_.empty()) add(only_);
}

WatchSource::~WatchSource() = default;

void WatchSource::add(const std::string& name) {
    const auto order = [](const std::string& each) { return std::pair(each == "steering", each); };
    const auto place = std::ranges::find_if(
        model_.segments, [&](const auto& segment) { return order(name) < order(segment.name); });
    const auto tracker_place = trackers_.begin() + (place - model_.segments.begin());
    trackers_.insert(tracker_place, std::make_unique<Tracker>(clock_));
    model_.segments.insert(place, WatchedSegment{})->name = name;
}

void WatchSource::rescan() {
    const auto names = shm::list_segments();
    model_.trouble = names ? std::string() : names.error().message;
    if (!names) return;
    for (const std::string& name : *names) {
        const auto known = std::ranges::find(model_.segments, name, &WatchedSegment::name);
        if (known == model_.segments.end() && only_.empty()) add(name);
    }
    for (std::size_t i = model_.segments.size(); i-- > 0;) {
        WatchedSegment& segment = model_.segments[i];
        segment.writer.name_gone = !std::ranges::binary_search(*names, segment.name);
        if (!segment.writer.name_gone || !only_.empty()) continue;
        // A writer whose object somebody removed goes on, seen by those who have it already.
        if (segment.trouble.empty() && segment.writer.liveness == shm::Liveness::live) continue;
        model_.segments.erase(model_.segments.begin() + static_cast<std::ptrdiff_t>(i));
        trackers_.erase(trackers_.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

void WatchSource::refresh() {
    const SteadyTime now = clock_.steady();
    const bool scanning = now >= next_scan_;
    if (scanning) {
        next_scan_ = now + kScanEvery;
        rescan();
    }
    for (std::size_t i = 0; i < trackers_.size(); ++i) {
        trackers_[i]->refresh(model_.segments[i], scanning);
    }
    model_.wall = clock_.wall().time_since_epoch();
}

}  // namespace wanctl::inspect
