#include "shm/inspect/watch_source.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "shm/directory.hpp"
#include "shm/inspect/decoder.hpp"
#include "shm/inspect/follower.hpp"
#include "shm/process_identity.hpp"

namespace wanctl::inspect {
namespace {

// New segments appear, and unreadable ones become readable, at this pace.
constexpr Nanos kScanEvery = std::chrono::seconds(1);
constexpr std::uint64_t kRateWindow = 200;

using Follower = RecordFollower<shm::RawRecord>;

std::optional<double> recent_rate(const Follower::Reader& reader, const Decoder& decoder) {
    const std::uint64_t head = reader.head();
    if (head < 2) return std::nullopt;
    const std::uint64_t back = std::min(head - 1, kRateWindow);
    shm::RawRecord newest{};
    shm::RawRecord older{};
    if (reader.read(head - 1, newest) != shm::ReadStatus::ok ||
        reader.read(head - 1 - back, older) != shm::ReadStatus::ok) {
        return std::nullopt;
    }
    const auto until = decoder.mono(newest.bytes);
    const auto from = decoder.mono(older.bytes);
    // What is not above 0 may still be so far below that the difference has no number.
    if (!until || !from || *from < Nanos(0) || *until <= *from) return std::nullopt;
    return static_cast<double>(back) / to_seconds(*until - *from);
}

void look_at_writer(const Follower::Reader& reader, SteadyTime now, WatchedWriter& writer) {
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
}

template <typename Record>
Record typed(const shm::RawRecord& raw) {
    Record record;
    static_assert(sizeof record == sizeof raw);
    std::memcpy(&record, raw.bytes, sizeof record);
    return record;
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
void read_facts(const Follower::Reader& reader, WatchedSegment& segment) {
    CycleFacts facts;
    const shm::ReadStatus status = reader.read_facts(facts);
    if (status == shm::ReadStatus::ok) segment.cycle.facts = facts;
    if (status == shm::ReadStatus::empty) segment.cycle.facts.reset();
}

// What the predecessor of a writer left; its history stays, as long as its times mean something.
void forget(WatchedSegment& segment, bool history_too) {
    segment.fault.clear();
    segment.fields.clear();
    segment.cycle.newest.reset();
    segment.cycle.last_write.reset();
    segment.cycle.facts.reset();
    segment.steering.newest.reset();
    if (!history_too) return;
    segment.cycle.history.clear();
    segment.steering.history.clear();
}

// How one writer's records are read, and the last of them that could be believed.
struct Reading {
    // Nothing when they cannot be read: then the segment's trouble says why.
    std::optional<Decoder> decoder;
    std::optional<shm::RawRecord> newest;

    [[nodiscard]] bool is(RecordKind kind) const {
        return decoder && decoder->known() != nullptr && decoder->known()->kind == kind;
    }
    void begin(const shm::SegmentFacts& facts, WatchedSegment& segment) {
        *this = {};
        segment.trouble.clear();
        segment.kind = facts.kind;
        segment.table.reset();
        segment.note.clear();
        segment.counters.clear();
        auto found = Decoder::of(facts);
        if (!found) {
            segment.trouble = found.error().text;
            return;
        }
        decoder = std::move(*found);
        segment.table = decoder->table();
        segment.note = decoder->note();
        segment.counters.resize(segment.table->counters().size());
    }
};

// Takes the records of one follower into the segment's part of the model.
class Taker final : public RecordSink<shm::RawRecord> {
  public:
    Taker(WatchedSegment& segment, Reading& reading, SteadyTime now)
        : segment_(segment), reading_(reading), now_(now) {}

    bool on_record(std::uint64_t, const shm::RawRecord& record) override {
        if (!reading_.decoder) return true;
        // The monotonic clock of another boot says nothing about ours.
        segment_.fault = reading_.decoder->fault(
            record.bytes, segment_.writer.this_boot ? std::optional(now_) : std::nullopt);
        if (!segment_.fault.empty()) return true;
        reading_.newest = record;
        if (reading_.is(RecordKind::cycle)) keep(segment_, typed<CycleRecord>(record));
        if (reading_.is(RecordKind::steering)) keep(segment_, typed<SteeringRecord>(record));
        return true;
    }
    void on_loss(std::uint64_t lost) override { segment_.writer.lost += lost; }
    void on_liveness(shm::Liveness) override {}
    // The new writer may be of another version: its records are read by its own tables.
    void on_restart(const shm::SegmentFacts& facts) override {
        const bool other_boot = !segment_.writer.this_boot;
        segment_.writer.this_boot = facts.boot_id == shm::boot_id();
        ++segment_.writer.restarts;
        forget(segment_, other_boot || !segment_.writer.this_boot);
        reading_.begin(facts, segment_);
    }

  private:
    WatchedSegment& segment_;
    Reading& reading_;
    SteadyTime now_;
};

}  // namespace

class WatchSource::Tracker {
  public:
    explicit Tracker(const Clock& clock) : clock_(clock) {}

    // `scanning`: also try what is worth trying only now and then.
    void refresh(WatchedSegment& segment, bool scanning) {
        const bool attached = follower_.has_value();
        if (!attached && scanning) attach(segment);
        if (follower_) follow(segment);
        if (attached && scanning) explain_successor(segment);
    }

  private:
    void attach(WatchedSegment& segment) {
        auto reader = Follower::Reader::attach(segment.name, any_abi(), {});
        if (!reader) {
            segment.trouble = reader.error().text;
            return;
        }
        reading_.begin(reader->facts(), segment);
        segment.writer.this_boot = reader->this_boot();
        const auto cursor = reader->from_oldest();
        follower_.emplace(segment.name, any_abi(), std::move(*reader), cursor, clock_);
    }

    void follow(WatchedSegment& segment) {
        const SteadyTime now = clock_.steady();
        Taker taker(segment, reading_, now);
        follower_->drain(taker);
        follower_->look_around(taker);
        follower_->drain(taker);
        const Follower::Reader& reader = follower_->reader();
        look_at_writer(reader, now, segment.writer);
        if (!reading_.decoder) return;
        segment.writer.rate = recent_rate(reader, *reading_.decoder);
        if (reading_.is(RecordKind::cycle)) read_facts(reader, segment);
        for (std::size_t i = 0; i < segment.counters.size(); ++i) {
            segment.counters[i] = reader.counter(i);
        }
        if (reading_.newest) look_at_newest(reading_.newest->bytes, segment, now);
    }

    // The follower waits in silence for a successor that it can read.
    void explain_successor(WatchedSegment& segment) {
        segment.successor_trouble.clear();
        const shm::Liveness liveness = segment.writer.liveness;
        if (liveness == shm::Liveness::live) return;
        const auto successor = Follower::Reader::attach(segment.name, any_abi(), {});
        if (successor) return;
        // Only who has retired has promised one.
        if (successor.error().status == shm::AttachStatus::absent &&
            liveness != shm::Liveness::retired) {
            return;
        }
        segment.successor_trouble = successor.error().text;
    }

    void look_at_newest(const std::byte* record, WatchedSegment& segment, SteadyTime now) const {
        if (reading_.decoder->by_description()) segment.fields = reading_.decoder->added(record);
        const auto mono = reading_.decoder->mono(record);
        if (!mono) return;
        segment.age = now.time_since_epoch() - *mono;
        const bool alive = segment.writer.liveness == shm::Liveness::live;
        segment.chart_end = alive ? now.time_since_epoch() : *mono;
    }

    const Clock& clock_;
    std::optional<Follower> follower_;
    Reading reading_;
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
