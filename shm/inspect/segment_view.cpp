#include "shm/inspect/segment_view.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "shm/process_identity.hpp"

namespace wanctl::inspect {
namespace {

constexpr std::uint64_t kRateWindow = 200;

std::optional<double> measured_rate(const SegmentSource& source, const SegmentView& view) {
    if (view.newest_number == 0) return std::nullopt;
    const std::uint64_t back = std::min(view.newest_number, kRateWindow);
    shm::RawRecord older{};
    if (source.records().read(view.newest_number - back, older) != shm::ReadStatus::ok) {
        return std::nullopt;
    }
    const auto from = source.decoder().mono(older.bytes);
    const auto to = source.decoder().mono(view.newest.bytes);
    if (!from || !to || *to <= *from) return std::nullopt;
    return static_cast<double>(back) / to_seconds(*to - *from);
}

void write_ms(JsonWriter& json, std::string_view name, std::optional<Nanos> duration) {
    key(json, name);
    if (duration) {
        json.Double(to_ms(*duration));
    } else {
        json.Null();
    }
}

}  // namespace

std::string_view SegmentView::liveness_text() const {
    return liveness ? shm::name(*liveness) : std::string_view("copy");
}

SegmentView look_at(const SegmentSource& source, const Clock& clock) {
    SegmentView view;
    const SteadyTime now = clock.steady();
    const shm::SegmentFacts& facts = source.facts();
    if (const RawReader* reader = source.attached()) {
        view.liveness = reader->liveness(now);
        view.owner = reader->owner();
    }
    view.state = source.state();
    view.pid_alive = source.this_boot() && facts.writer_start_ticks != 0 &&
                     shm::start_ticks(facts.writer_pid) == facts.writer_start_ticks;
    if (source.this_boot()) view.heartbeat_age = now.time_since_epoch() - source.heartbeat();
    view.head = source.records().head();
    view.read = source.records().read_newest(view.newest, view.newest_number);
    if (view.read != shm::ReadStatus::ok) return view;
    // The record may be younger than the look at the clock above.
    const SteadyTime read_at = clock.steady();
    const auto mono = source.decoder().mono(view.newest.bytes);
    std::optional<SteadyTime> comparable;
    if (source.this_boot()) comparable = read_at;
    if (source.this_boot() && mono) view.newest_age = read_at.time_since_epoch() - *mono;
    view.fault = source.decoder().fault(view.newest.bytes, comparable);
    view.rate = measured_rate(source, view);
    return view;
}

void write_view(JsonWriter& json, const SegmentView& view, const SegmentSource& source) {
    const shm::SegmentFacts& facts = source.facts();
    key(json, "name");
    text(json, source.name());
    key(json, "kind");
    text(json, source.decoder().table().kind());
    key(json, "liveness");
    text(json, view.liveness_text());
    key(json, "state");
    text(json, shm::name(view.state));
    key(json, "pid");
    json.Int(facts.writer_pid);
    key(json, "pid_alive");
    json.Bool(view.pid_alive);
    key(json, "owner_uid");
    if (view.owner) {
        json.Uint(*view.owner);
    } else {
        json.Null();
    }
    key(json, "version");
    text(json, facts.version);
    key(json, "abi");
    text(json, fmt::format("{}.{}", facts.abi_major, facts.abi_minor));
    key(json, "record_version");
    json.Uint(facts.record_version);
    key(json, "decoded_by");
    text(json, source.decoder().by_description() ? "description" : "program");
    key(json, "epoch_ns");
    json.Int64(facts.epoch_ns);
    write_ms(json, "tick_period_ms", facts.tick_period);
    write_ms(json, "stale_after_ms", facts.stale_after);
    write_ms(json, "heartbeat_age_ms", view.heartbeat_age);
    key(json, "records");
    json.Uint64(view.head);
    write_ms(json, "newest_age_ms", view.newest_age);
    key(json, "rate_hz");
    if (view.rate) {
        json.Double(*view.rate);
    } else {
        json.Null();
    }
}

}  // namespace wanctl::inspect
