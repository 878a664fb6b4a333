#include "autorate/daemon.hpp"

#include <bit>
#include <ctime>

#include <fmt/format.h>

#include "autorate/segment_facts.hpp"
#include "common/record/transition_text.hpp"

namespace wanctl::autorate {

namespace {

// A stop with nothing to write back still lets a request in flight end, but no longer than this.
constexpr Nanos kQuickStop = std::chrono::milliseconds(700);

// Late beyond this share of the interval is worth a count.
constexpr int kLateShare = 10;

Nanos thread_cpu() {
    timespec used{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
    return std::chrono::seconds(used.tv_sec) + Nanos(used.tv_nsec);
}

}  // namespace

Daemon::Daemon(const Surroundings& around, const AutorateConfig& config, Parts parts)
    : around_(around),
      exit_write_(config.router.exit_write),
      parts_(std::move(parts)),
      controller_(config),
      records_(config.interval, config.probe.reflectors.size()),
      ticker_(around.loop, around.clock, config.interval,
              [this](const Tick& tick) { on_tick(tick); }),
      baseline_(from_ms(config.baseline.initial.count())) {
    attach_probe();
    attach_actuator();
}

void Daemon::attach_probe() {
    parts_.probe->on_slot_complete([this] { close_slot(); });
    parts_.probe->on_notice([this](const Notice& notice) { tell(notice); });
}

void Daemon::attach_actuator() {
    parts_.actuator->on_state_change(
        [this](RouterState state, const std::string& message) { router_changed(state, message); });
    parts_.actuator->on_notice([this](const Notice& notice) { tell(notice); });
}

void Daemon::tell(const Notice& notice) {
    around_.log.log(notice.good ? LogLevel::info : LogLevel::warning, notice.about,
                    {{"message", notice.message}});
}

void Daemon::restore(const LawMemory& memory) {
    controller_.restore(memory);
    baseline_ = from_ms(controller_.memory().baseline.count());
}

void Daemon::start() {
    cpu_at_close_ = thread_cpu();
    parts_.actuator->start(around_.clock.steady());
    ticker_.start();
}

void Daemon::on_tick(const Tick& tick) {
    if (slot_open_) {
        close_slot();
    }
    open_slot(tick);
}

void Daemon::open_slot(const Tick& tick) {
    tick_ = tick;
    missed_slots_ += tick.missed;
    if (tick.missed > 0) {
        tell_overrun(tick);
    }
    slot_open_ = true;
    if ((sent_ = parts_.probe->begin_slot(tick.slot)) == 0) {
        close_slot();
    }
}

// The cycle: measure, decide, act, publish, feed the watchdog.
void Daemon::close_slot() {
    slot_open_ = false;
    const SteadyTime now = around_.clock.steady();
    const probe::SlotResult sample = parts_.probe->close_slot(now, {baseline_, load_});

    actuate::ActuatorView router = parts_.actuator->view();
    SlotInput input{static_cast<std::int64_t>(sample.slot),
                    std::nullopt,
                    {router.direction[0].held, router.direction[1].held},
                    std::popcount(sample.answered)};
    if (sample.rtt) {
        input.rtt = Millis(*sample.rtt);
    }
    const Decision decision = controller_.step(input);
    baseline_ = from_ms(decision.baseline.count());
    load_ = from_ms(decision.load.count());

    const SteadyTime decided = around_.clock.steady();
    // Without a sample the law has not moved: the last wish stands, and before the first sample
    // there is none, so a start on a dead line leaves the router as it is.
    if (sample.rtt) {
        wish(decided, decision);
    }
    parts_.actuator->pump(decided);
    router = parts_.actuator->view();

    const SteadyTime acted = around_.clock.steady();
    const Nanos cpu = thread_cpu();
    const StageTimes stages{decided - now, acted - decided, publish_time_, cpu - cpu_at_close_};
    cpu_at_close_ = cpu;
    const CycleRecord& record =
        records_.build({now, around_.clock.wall(), tick_.lateness, missed_slots_, sample, decision,
                        router, parts_.actuator->take_writes_ended(), stages});
    publish(record);
    publish_time_ = around_.clock.steady() - acted;

    count(record, sample);
    tell_changes(record, decision);
    if (on_record_) {
        on_record_(record);
    }
    around_.notices.alive(now);
}

void Daemon::wish(SteadyTime now, const Decision& decision) {
    wished_ = true;
    for (const Direction direction : {Direction::download, Direction::upload}) {
        const DirectionDecision& side = decision.direction[static_cast<std::size_t>(direction)];
        parts_.actuator->want(now, direction, side.rate, side.zone);
    }
}

void Daemon::publish(const CycleRecord& record) {
    parts_.segment.heartbeat(SteadyTime(Nanos(record.mono_ns)));
    parts_.segment.publish(record);
}

void Daemon::count(const CycleRecord& record, const probe::SlotResult& sample) {
    auto& segment = parts_.segment;
    segment.count(CycleCounter::loop_turns);
    segment.count(CycleCounter::slots);
    segment.set_counter(CycleCounter::missed_slots, missed_slots_);
    segment.raise_counter(CycleCounter::worst_lateness_ns, record.lateness_ns);
    segment.count(CycleCounter::late_slots,
                  record.lateness_ns > record.interval_ns / kLateShare ? 1 : 0);
    segment.count(CycleCounter::probes_sent, static_cast<unsigned>(sent_));
    segment.count(CycleCounter::replies, static_cast<unsigned>(std::popcount(sample.answered)));
    segment.count(CycleCounter::lost, sample.lost);
    segment.count(CycleCounter::duplicate, sample.duplicate);
    segment.count(CycleCounter::late, sample.late);
    segment.count(CycleCounter::foreign, sample.foreign);
    segment.count(CycleCounter::malformed, sample.malformed);
    segment.set_counter(CycleCounter::send_errors,
                        sends_refused_before_ + parts_.probe->counters().refused);

    const actuate::ActuatorCounters& router = parts_.actuator->counters();
    const auto writes = [&](WriteOutcome outcome) {
        const auto index = static_cast<std::size_t>(outcome);
        return writes_before_.writes[index] + router.writes[index];
    };
    segment.set_counter(CycleCounter::writes_applied, writes(WriteOutcome::applied));
    segment.set_counter(CycleCounter::writes_differ, writes(WriteOutcome::differs));
    segment.set_counter(CycleCounter::writes_refused, writes(WriteOutcome::refused));
    segment.set_counter(CycleCounter::writes_unreachable, writes(WriteOutcome::unreachable));
    segment.set_counter(CycleCounter::stats_ok, writes_before_.polls_read + router.polls_read);
    segment.set_counter(CycleCounter::stats_failed,
                        writes_before_.polls_failed + router.polls_failed);
    segment.set_counter(CycleCounter::outside_changes,
                        writes_before_.outside_changes + router.outside_changes);
    segment.set_counter(CycleCounter::router_connects,
                        connects_before_ + parts_.write_link->counters().connections);
}

// The first, the third and every tenth: enough to see a machine that is too slow, too few to flood.
void Daemon::tell_overrun(const Tick& tick) {
    ++overruns_;
    if (overruns_ == 1 || overruns_ == 3 || overruns_ % 10 == 0) {
        around_.log.warning(
            "slots missed: the one before ran over",
            {{"missed", tick.missed}, {"times", overruns_}, {"total", missed_slots_}});
    }
}

// Once per change, never once per slot.
void Daemon::tell_changes(const CycleRecord& record, const Decision& decision) {
    for (const Direction direction : {Direction::download, Direction::upload}) {
        const auto& change = decision.direction[static_cast<std::size_t>(direction)].transition;
        if (!change) {
            continue;
        }
        parts_.segment.count(CycleCounter::zone_changes);
        around_.log.info(
            "zone changed",
            {{"direction", name(direction)},
             {"from", name(change->from)},
             {"to", name(change->to)},
             {"reason", transition_text(change->reason, change->delta, change->threshold)}});
    }
    if (record.fresh != 0 && decision.law.baseline == BaselineState::moved) {
        around_.log.info("the path changed", {{"baseline_ms", decision.baseline.count()}});
    }
    tell_measurement(static_cast<MeasurementState>(record.measurement));
    if (!first_slot_done_) {
        first_slot_done_ = true;
        around_.notices.ready("measuring");
        tell_status();
    }
}

void Daemon::tell_measurement(MeasurementState now_in) {
    const auto blind = [](MeasurementState state) {
        return state == MeasurementState::blind || state == MeasurementState::blackout;
    };
    const MeasurementState before = measurement_;
    measurement_ = now_in;
    if (!blind(before) && !blind(now_in)) {
        return;
    }
    if (before == now_in) {
        return;
    }
    if (now_in == MeasurementState::blind) {
        parts_.segment.count(CycleCounter::blind_entered);
        around_.log.warning("no reflector answers; rates stay as they are");
    } else if (now_in == MeasurementState::blackout) {
        parts_.segment.count(CycleCounter::blackout_entered);
        around_.log.warning("blackout: still no answer; rates stay as they are");
    } else {
        around_.log.info("reflectors answer again");
    }
    tell_status();
}

void Daemon::router_changed(RouterState state, const std::string& message) {
    router_ = state;
    if (state == RouterState::ok) {
        around_.log.info("router", {{"state", name(state)}, {"message", message}});
    } else {
        around_.log.warning("router", {{"state", name(state)}, {"message", message}});
    }
    tell_status();
}

void Daemon::tell_status() {
    const bool measuring =
        measurement_ == MeasurementState::none || measurement_ == MeasurementState::fresh;
    around_.notices.status(
        fmt::format("{}; router {}", measuring ? "measuring" : name(measurement_), name(router_)));
}

void Daemon::reconfigure(const AutorateConfig& config, Replacement parts) {
    if (slot_open_) {
        close_slot();
    }
    exit_write_ = config.router.exit_write;
    controller_.reconfigure(config);
    parts_.segment.publish_facts(segment_facts(config, around_.clock.wall()));
    if (parts.probe) {
        sends_refused_before_ += parts_.probe->counters().refused;
        parts_.probe = std::move(parts.probe);
        records_.set_reflectors(config.probe.reflectors.size());
        attach_probe();
    }
    if (parts.actuator) {
        replace_actuator(std::move(parts));
    }
}

void Daemon::replace_actuator(Replacement parts) {
    const actuate::ActuatorCounters& before = parts_.actuator->counters();
    for (std::size_t i = 0; i < before.writes.size(); ++i) {
        writes_before_.writes[i] += before.writes[i];
    }
    writes_before_.polls_read += before.polls_read;
    writes_before_.polls_failed += before.polls_failed;
    writes_before_.outside_changes += before.outside_changes;
    if (parts.write_link != parts_.write_link) {
        connects_before_ += parts_.write_link->counters().connections;
    }
    parts_.actuator = std::move(parts.actuator);
    parts_.write_link = std::move(parts.write_link);
    attach_actuator();
    const SteadyTime now = around_.clock.steady();
    parts_.actuator->start(now);
    // A line that is silent now must not lose what was decided before.
    if (wished_) {
        wish(now, controller_.step({}));
    }
}

void Daemon::stop(ExitWrite on_exit, std::function<void()> done) {
    around_.notices.stopping();
    ticker_.stop();
    const SteadyTime now = around_.clock.steady();
    const Nanos budget = on_exit == ExitWrite::keep ? kQuickStop : exit_write_;
    parts_.actuator->set_on_exit(on_exit);
    parts_.actuator->stop(now, now + budget, [this, done = std::move(done)](bool complete) {
        if (!complete) {
            around_.log.warning("stopped before the router confirmed its last write");
        }
        publish(records_.last(around_.clock.steady(), around_.clock.wall(), parts_.actuator->view(),
                              parts_.actuator->take_writes_ended()));
        parts_.segment.stop();
        done();
    });
}

}  // namespace wanctl::autorate
