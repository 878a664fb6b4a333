// Models of the live view as its source would make them.
#pragma once

#include <string>

#include "common/record/states.hpp"
#include "common/record/steering_states.hpp"
#include "shm/inspect/watch_model.hpp"

namespace wanctl::test {

// CLOCK_MONOTONIC of "now" in these models.
inline constexpr Nanos kNow = std::chrono::seconds(1000);

inline CycleRecord cycle_record(Nanos mono) {
    CycleRecord record;
    record.mono_ns = mono.count();
    record.interval_ns = 50'000'000;
    record.measurement = 1;
    record.fresh = 1;
    record.rtt_us = 21'500;
    record.baseline_ns = 20'300'000;
    record.load_ns = 22'100'000;
    record.delta_ns = 1'800'000;
    record.reflectors = 3;
    record.reflector_active = 0b011;
    record.reflector_answered = 0b001;
    record.reflector_rtt_us[0] = 21'300;
    record.reflector_rtt_us[1] = 22'700;
    record.direction[0].wanted_bps = 34'000'000;
    record.direction[0].held_bps = 33'000'000;
    record.direction[0].achieved_bps = 31'600'000;
    record.direction[1].wanted_bps = record.direction[1].held_bps = 9'000'000;
    record.router_state = static_cast<std::uint8_t>(RouterState::ok);
    record.stage_ns[5] = 188'000;
    return record;
}

inline inspect::WatchedSegment live_segment(const std::string& name) {
    inspect::WatchedSegment segment;
    segment.name = name;
    segment.writer.liveness = shm::Liveness::live;
    segment.writer.pid = 4242;
    segment.writer.pid_alive = true;
    segment.writer.version = "0.1.0-test";
    segment.writer.stale_after = std::chrono::seconds(10);
    segment.writer.published = 1200;
    segment.writer.rate = 20.0;
    segment.age = std::chrono::milliseconds(40);
    segment.chart_end = kNow;
    return segment;
}

// A minute at 20 Hz; `change` may alter each record and knows how many seconds it is old.
template <typename Change>
inspect::WatchedSegment wan(const std::string& name, Change change) {
    inspect::WatchedSegment segment = live_segment(name);
    for (int back = 1199; back >= 0; --back) {
        CycleRecord record = cycle_record(kNow - std::chrono::milliseconds(50) * back);
        change(record, back / 20.0);
        segment.cycle.history.add(Nanos(record.mono_ns), Nanos(record.interval_ns),
                                  inspect::stretch_of(record));
        segment.cycle.newest = record;
    }
    return segment;
}
inline inspect::WatchedSegment wan(const std::string& name) {
    return wan(name, [](CycleRecord&, double) {});
}

inline SteeringRecord steering_record(Nanos mono) {
    SteeringRecord record;
    record.mono_ns = mono.count();
    record.interval_ns = 50'000'000;
    record.state = static_cast<std::uint8_t>(SteeringState::degraded);
    record.assessment = static_cast<std::uint8_t>(Assessment::red);
    record.score = 85;
    record.steer_threshold = 55;
    record.recover_threshold = 20;
    record.contributors = 0b10001;
    record.points[0] = 50;
    record.points[4] = 35;
    record.reason = static_cast<std::uint8_t>(SteeringReason::still_congested);
    record.rule_wanted = static_cast<std::uint8_t>(RuleState::enabled);
    record.rule_read = static_cast<std::uint8_t>(RuleState::disabled);
    record.rule_status = static_cast<std::uint8_t>(RuleStatus::ok);
    record.rule_age_ns = 2'300'000'000;
    record.router_state = static_cast<std::uint8_t>(RouterState::ok);
    record.flags = kSteeringWritePending;
    record.timer_left_us[1] = 18'000'000;
    record.timer_length_us[1] = 30'000'000;
    record.last_at_ns = (mono - std::chrono::seconds(12)).count();
    record.last_action = static_cast<std::uint8_t>(SteeringAction::enable);
    record.last_outcome = static_cast<std::uint8_t>(WriteOutcome::applied);
    record.last_reason = static_cast<std::uint8_t>(SteeringReason::congested);
    record.last_latency_us = 3100;
    record.wan[0].source = static_cast<std::uint8_t>(SourceState::live);
    record.wan[0].age_ns = 30'000'000;
    record.wan[0].dl_zone = static_cast<std::uint8_t>(Zone::red);
    record.wan[0].ul_zone = static_cast<std::uint8_t>(Zone::green);
    record.wan[0].delta_us = 100'000;
    record.wan[1].source = static_cast<std::uint8_t>(SourceState::dead);
    record.wan[1].usable = static_cast<std::uint8_t>(Usability::silent);
    return record;
}

inline inspect::WatchedSegment steering() {
    inspect::WatchedSegment segment = live_segment("steering");
    segment.kind = RecordKind::steering;
    for (int back = 599; back >= 0; --back) {
        const SteeringRecord record = steering_record(kNow - std::chrono::milliseconds(50) * back);
        segment.steering.history.add(Nanos(record.mono_ns), Nanos(record.interval_ns),
                                     inspect::stretch_of(record));
        segment.steering.newest = record;
    }
    return segment;
}

}  // namespace wanctl::test
