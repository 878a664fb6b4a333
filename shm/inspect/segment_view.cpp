#include "shm/inspect/segment_view.hpp"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "common/exit_code.hpp"
#include "common/record/cycle_checks.hpp"
#include "common/record/cycle_fields.hpp"
#include "shm/process_identity.hpp"

namespace wanctl::inspect {
namespace {

constexpr std::uint64_t kRateWindow = 200;

std::optional<double> measured_rate(const CycleReader& reader, const SegmentView& view) {
    if (view.read != shm::ReadStatus::ok || view.newest_number == 0) return std::nullopt;
    const std::uint64_t back = std::min(view.newest_number, kRateWindow);
    CycleRecord older{};
    if (reader.read(view.newest_number - back, older) != shm::ReadStatus::ok) return std::nullopt;
    const double seconds = to_seconds(Nanos(view.newest.mono_ns) - Nanos(older.mono_ns));
    if (seconds <= 0) return std::nullopt;
    return static_cast<double>(back) / seconds;
}

void write_ms(JsonWriter& json, std::string_view name, Nanos duration) {
    key(json, name);
    json.Double(to_ms(duration));
}

}  // namespace

SegmentView look_at(const std::string& name, const CycleReader& reader, const Clock& clock) {
    SegmentView view;
    view.name = name;
    const SteadyTime now = clock.steady();
    const shm::SegmentFacts& facts = reader.facts();
    view.liveness = reader.liveness(now);
    view.state = reader.state();
    view.pid_alive = facts.writer_start_ticks != 0 &&
                     shm::start_ticks(facts.writer_pid) == facts.writer_start_ticks;
    view.owner = reader.owner();
    view.heartbeat_age = now.time_since_epoch() - reader.heartbeat();
    view.head = reader.head();
    view.read = reader.read_newest(view.newest, view.newest_number);
    if (view.read == shm::ReadStatus::ok) {
        // The record may be younger than the look at the clock above.
        const SteadyTime read_at = clock.steady();
        view.newest_age = read_at.time_since_epoch() - Nanos(view.newest.mono_ns);
        view.fault = first_fault(view.newest, read_at);
        view.rate = measured_rate(reader, view);
    }
    return view;
}

void write_view(JsonWriter& json, const SegmentView& view, const shm::SegmentFacts& facts) {
    key(json, "name");
    text(json, view.name);
    key(json, "kind");
    text(json, name(facts.kind));
    key(json, "liveness");
    text(json, name(view.liveness));
    key(json, "state");
    text(json, name(view.state));
    key(json, "pid");
    json.Int(facts.writer_pid);
    key(json, "pid_alive");
    json.Bool(view.pid_alive);
    key(json, "owner_uid");
    json.Uint(view.owner);
    key(json, "version");
    text(json, facts.version);
    key(json, "abi");
    text(json, fmt::format("{}.{}", facts.abi_major, facts.abi_minor));
    key(json, "epoch_ns");
    json.Int64(facts.epoch_ns);
    write_ms(json, "tick_period_ms", facts.tick_period);
    write_ms(json, "stale_after_ms", facts.stale_after);
    write_ms(json, "heartbeat_age_ms", view.heartbeat_age);
    key(json, "records");
    json.Uint64(view.head);
    key(json, "newest_age_ms");
    if (view.read == shm::ReadStatus::ok) {
        json.Double(to_ms(view.newest_age));
    } else {
        json.Null();
    }
    key(json, "rate_hz");
    if (view.rate) {
        json.Double(*view.rate);
    } else {
        json.Null();
    }
}

tl::expected<CycleReader, shm::AttachFailure> attach_any(const std::string& name) {
    return CycleReader::attach(name, cycle_abi(), {});
}

int report(const shm::AttachFailure& failure) {
    fmt::print(stderr, "wanctl: {}\n", failure.text);
    switch (failure.status) {
        case shm::AttachStatus::bad_name:
            return tool_exit::kUsage;
        case shm::AttachStatus::wrong_size:
        case shm::AttachStatus::foreign_magic:
        case shm::AttachStatus::other_endian:
        case shm::AttachStatus::hash_mismatch:
        case shm::AttachStatus::wrong_geometry:
            return tool_exit::kInvalid;
        default:
            return tool_exit::kCannot;
    }
}

}  // namespace wanctl::inspect
