#include "autorate/record_builder.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <limits>

namespace wanctl::autorate {

namespace {

constexpr Nanos kMillisecond = std::chrono::milliseconds(1);
constexpr Nanos kMicrosecond = std::chrono::microseconds(1);

template <typename Narrow>
Narrow saturated(std::int64_t value) {
    return static_cast<Narrow>(std::clamp<std::int64_t>(value, std::numeric_limits<Narrow>::min(),
                                                        std::numeric_limits<Narrow>::max()));
}

std::uint32_t saturated_count(std::uint64_t value) {
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>(value, std::numeric_limits<std::uint32_t>::max()));
}

std::int64_t ns(Millis value) {
    return from_ms(value.count()).count();
}

// The record says "no limit" as RouterOS does.
std::int64_t held_bps(std::optional<Rate> held) {
    if (!held) {
        return kUnknownRate;
    }
    return *held == routeros::kUnlimited ? 0 : held->bps;
}

void add_queue(QueueRecord& record, const std::optional<actuate::QueueSample>& sample,
               SteadyTime now) {
    if (!sample) {
        return;
    }
    record.bytes = sample->counts.bytes;
    record.packets = sample->counts.packets;
    record.dropped = sample->counts.dropped;
    record.queued_bytes = saturated_count(sample->counts.queued_bytes);
    record.queued_packets = saturated_count(sample->counts.queued_packets);
    record.age_ns = (now - sample->at).count();
}

}  // namespace

RecordBuilder::RecordBuilder(Nanos interval, std::size_t reflectors) {
    record_.interval_ns = saturated<std::uint32_t>(interval.count());
    record_.reflectors = static_cast<std::uint8_t>(reflectors);
}

const CycleRecord& RecordBuilder::build(const SlotFacts& facts) {
    record_.mono_ns = facts.now.time_since_epoch().count();
    record_.real_ns = facts.wall.time_since_epoch().count();
    record_.lateness_ns = saturated<std::uint32_t>(facts.lateness.count());
    record_.missed_slots = facts.missed_slots;
    record_.flags = 0;
    add_sample(facts.sample);
    record_.load_ns = ns(facts.decision.load);
    record_.baseline_ns = ns(facts.decision.baseline);
    record_.delta_ns = ns(facts.decision.delta);
    for (std::size_t side = 0; side < 2; ++side) {
        add_direction(side, facts);
    }
    add_law(facts.decision);
    add_router(facts.router, facts.now);
    add_writes(facts.writes);

    auto& stage = record_.stage_ns;
    const auto put = [&stage](Stage which, Nanos value) {
        stage[static_cast<std::size_t>(which)] = saturated<std::uint32_t>(value.count());
    };
    put(Stage::send, facts.sample.send_work);
    put(Stage::receive, facts.sample.receive_work);
    put(Stage::decide, facts.stages.decide);
    put(Stage::actuate, facts.stages.actuate);
    put(Stage::publish, facts.stages.publish);
    put(Stage::slot_cpu, facts.stages.slot_cpu);
    return record_;
}

const CycleRecord& RecordBuilder::last(SteadyTime now, WallTime wall,
                                       const actuate::ActuatorView& router,
                                       const actuate::WritesEnded& writes) {
    record_.mono_ns = now.time_since_epoch().count();
    record_.real_ns = wall.time_since_epoch().count();
    record_.flags = kFlagStopping;
    // It is no slot: nothing was measured, and the counts of the last slot must not count twice.
    add_sample({.slot = record_.slot,
                .state = record_.fresh != 0 ? MeasurementState::none
                                            : static_cast<MeasurementState>(record_.measurement),
                .rtt = std::nullopt,
                .source = static_cast<SampleSource>(record_.sample_source),
                .sample_age = std::nullopt,
                .stamp_source = static_cast<StampSource>(record_.stamp_source),
                .active = record_.reflector_active,
                .lying = record_.reflector_lying,
                .reflector_rtt_us = std::to_array(record_.reflector_rtt_us),
                .fallback = static_cast<FallbackState>(record_.fallback),
                .tcp_rtt_us = record_.tcp_rtt_us,
                .tcp_offset_us = record_.tcp_offset_us,
                .gateway_rtt_us = record_.gateway_rtt_us});
    std::fill(std::begin(record_.stage_ns), std::end(record_.stage_ns), 0U);
    add_router(router, now);
    add_writes(writes);
    return record_;
}

void RecordBuilder::add_sample(const probe::SlotResult& sample) {
    record_.slot = sample.slot;
    record_.measurement = static_cast<std::uint8_t>(sample.state);
    record_.stamp_source = static_cast<std::uint8_t>(sample.stamp_source);
    record_.fresh = sample.fresh() ? 1 : 0;
    record_.sample_age_ns = sample.sample_age ? sample.sample_age->count() : kUnknownNs;
    record_.rtt_us =
        sample.rtt
            ? saturated<std::int32_t>(std::chrono::duration_cast<Micros>(*sample.rtt).count())
            : kUnknownUs;
    record_.reflector_active = sample.active;
    record_.reflector_answered = sample.answered;
    record_.reflector_lying = sample.lying;
    record_.sample_source = static_cast<std::uint8_t>(sample.source);
    record_.fallback = static_cast<std::uint8_t>(sample.fallback);
    record_.tcp_rtt_us = sample.tcp_rtt_us;
    record_.tcp_offset_us = sample.tcp_offset_us;
    record_.gateway_rtt_us = sample.gateway_rtt_us;
    std::copy(sample.reflector_rtt_us.begin(), sample.reflector_rtt_us.end(),
              record_.reflector_rtt_us);
    record_.lost = sample.lost;
    record_.duplicate = sample.duplicate;
    record_.late = sample.late;
    record_.foreign = sample.foreign;
    record_.malformed = sample.malformed;
}

void RecordBuilder::add_direction(std::size_t side, const SlotFacts& facts) {
    const DirectionDecision& decision = facts.decision.direction[side];
    DirectionRecord& record = record_.direction[side];
    record.wanted_bps = decision.rate.bps;
    record.zone = static_cast<std::uint8_t>(decision.zone);
    if (facts.sample.fresh()) {
        // A round trip does not tell which way it waited: both directions get all of it. Below the
        // baseline nothing waited.
        const Nanos waited = std::max(Nanos(0), from_ms(facts.decision.delta.count()));
        record.delay_us =
            saturated<std::int32_t>(std::chrono::duration_cast<Micros>(waited).count());
        record.delay_evidence = static_cast<std::uint8_t>(DelayEvidence::rtt);
    }
    if (decision.transition) {
        record.transition_delta_ns = decision.transition->delta.count();
        record.transition_threshold_ns = decision.transition->threshold.count();
        record.transition_reason = static_cast<std::uint8_t>(decision.transition->reason);
        record.transition_from = static_cast<std::uint8_t>(decision.transition->from);
        record_.flags |= side == 0 ? kFlagDownloadChanged : kFlagUploadChanged;
    }
}

void RecordBuilder::add_law(const Decision& decision) {
    const LawState& law = decision.law;
    const bool away = law.longer_for > Nanos(0);
    record_.baseline_state = static_cast<std::uint8_t>(law.baseline);
    record_.baseline_away_ms = saturated<std::uint32_t>(law.longer_for / kMillisecond);
    record_.baseline_least_us =
        away ? saturated<std::int32_t>(from_ms(law.least.count()) / kMicrosecond) : kUnknownUs;
    record_.spike_ms = saturated<std::uint16_t>(law.spike_for / kMillisecond);
    const auto& [download, upload] = decision.direction;
    const auto flag = [](bool on, LawFlag which) { return on ? static_cast<unsigned>(which) : 0U; };
    record_.law_flags = static_cast<std::uint16_t>(
        flag(law.outlier, kFlagOutlier) | flag(law.spike, kFlagSpike) |
        flag(download.dwelling, kFlagDownloadDwell) | flag(upload.dwelling, kFlagUploadDwell) |
        flag(download.in_deadband, kFlagDownloadDeadband) |
        flag(upload.in_deadband, kFlagUploadDeadband) |
        flag(download.soft_red_lasting, kFlagSoftRedDecay));
}

void RecordBuilder::add_router(const actuate::ActuatorView& router, SteadyTime now) {
    record_.router_state = static_cast<std::uint8_t>(router.router);
    record_.statistics_state = static_cast<std::uint8_t>(router.statistics);
    record_.not_shaping = 0;
    const auto resource = router.resource.value_or(routeros::ResourceReading{});
    record_.router_cpu_percent =
        resource.cpu_percent ? static_cast<std::uint8_t>(*resource.cpu_percent) : kUnknownPercent;
    record_.router_flash_sectors =
        resource.flash_sectors
            ? std::min(saturated_count(*resource.flash_sectors), kUnknownSectors - 1)
            : kUnknownSectors;
    for (std::size_t side = 0; side < 2; ++side) {
        const actuate::DirectionView& view = router.direction[side];
        DirectionRecord& record = record_.direction[side];
        record.held_bps = held_bps(view.held);
        record.achieved_bps =
            view.sample && view.sample->achieved ? view.sample->achieved->bps : kUnknownRate;
        if (!view.shaping) {
            record_.not_shaping |= static_cast<std::uint8_t>(1U << side);
        }
        if (view.pending) {
            record_.flags |= kFlagWritePending;
        }
        add_queue(record_.queue[side], view.sample, now);
    }
}

void RecordBuilder::add_writes(const actuate::WritesEnded& writes) {
    record_.writes_ended = saturated<std::uint8_t>(writes.count);
    record_.write_outcome = static_cast<std::uint8_t>(writes.last.outcome);
    record_.write_http_status = saturated<std::uint16_t>(writes.last.http_status);
    record_.write_latency_us =
        saturated<std::uint32_t>(std::chrono::duration_cast<Micros>(writes.last.latency).count());
    record_.write_direction = static_cast<std::uint8_t>(writes.last.direction);
}

}  // namespace wanctl::autorate
