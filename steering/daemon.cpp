#include "steering/daemon.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "common/record/state_names.hpp"
#include "common/record/steering_names.hpp"
#include "common/record/steering_reason_text.hpp"
#include "steering/decision_record.hpp"

namespace wanctl::steering {

namespace {

constexpr std::array kLines{SteeredWan::primary, SteeredWan::alternate};
// A stop that writes nothing still lets a request in flight end, but no longer than this.
constexpr Nanos kQuickStop = std::chrono::milliseconds(700);

constexpr std::size_t index(SteeredWan wan) {
    return static_cast<std::size_t>(wan);
}

template <typename Integer>
Integer saturated(std::int64_t value) {
    return static_cast<Integer>(
        std::clamp<std::int64_t>(value, 0, std::numeric_limits<Integer>::max()));
}

std::uint32_t micros(Nanos value) {
    return saturated<std::uint32_t>(std::chrono::duration_cast<Micros>(value).count());
}

RuleState rule_for(SteeringState state) {
    return state == SteeringState::degraded ? RuleState::enabled : RuleState::disabled;
}

}  // namespace

Daemon::Daemon(const Surroundings& around, const SteeringConfig& config, Parts parts)
    : around_(around),
      config_(config),
      parts_(std::move(parts)),
      teller_(around.log, *parts_.lines),
      decider_(config, around.clock.steady()),
      ticker_(around.loop, around.clock, kSteeringTick,
              [this](const Tick& tick) { on_tick(tick); }) {
    record_.interval_ns = static_cast<std::uint32_t>(kSteeringTick.count());
    show_settings();
    if (parts_.predecessor) decider_.restore(parts_.predecessor->flaps);
}

void Daemon::show_settings() {
    record_.policy = static_cast<std::uint8_t>(config_.decide.policy);
    record_.flags =
        config_.decide.dry_run ? record_.flags | kSteeringDryRun : record_.flags & ~kSteeringDryRun;
}

void Daemon::start(std::function<void()> remember) {
    remember_ = std::move(remember);
    looked_after_ = around_.clock.steady();
    parts_.rule->start(around_.clock.steady(), *this);
    parts_.lines->start([this] { on_bell(); });
    ticker_.start();
}

void Daemon::on_tick(const Tick& tick) {
    record_.missed_slots += tick.missed;
    look_after(around_.clock.steady(), tick.lateness);
}

// The tick's work is done here as well when it is time, and the tick put off: while records come, a
// wake-up of its own would cost a quarter of all this daemon's.
void Daemon::on_bell() {
    const bool any = drain();
    const SteadyTime now = around_.clock.steady();
    // A bell without a record: a writer said that it stops, or that another one has its place.
    if (!any) return parts_.lines->look(now);
    if (now - looked_after_ >= kSteeringTick) {
        // After a stall the bell comes before the timer that would have counted.
        record_.missed_slots +=
            static_cast<std::uint64_t>((now - looked_after_) / kSteeringTick) - 1;
        look_after(now, {});
    }
    ticker_.postpone();
}

void Daemon::look_after(SteadyTime now, Nanos lateness) {
    looked_after_ = now;
    parts_.lines->look(now);
    drain();
    // Records keep the decisions going; without them the timer does, which may come a little early
    // after a late one.
    if (around_.clock.steady() - decided_at_ >= kSteeringTick / 2) {
        DecideInput input;
        input.now = around_.clock.steady();
        decide(input, lateness);
        publish();
    }
    parts_.segment.heartbeat(now);
    teller_.look(now, config_);
    if (parts_.setup_check) {
        parts_.setup_check->look(now, parts_.rule->view());
        if (parts_.setup_check->ended()) parts_.setup_check.reset();
    }
    around_.notifier.alive(now);
}

// Each record is decided upon once; the last of several is published, and every action. Whether
// there was one.
bool Daemon::drain() {
    bool any = false;
    while (true) {
        DecideInput input;
        input.now = around_.clock.steady();
        std::optional<SteadyTime> newest;
        for (const SteeredWan wan : kLines) {
            auto& reading = input.reading[index(wan)];
            reading = parts_.lines->line(wan).next(input.now);
            if (reading) newest = std::max(newest.value_or(reading->at), reading->at);
        }
        if (!newest) break;
        decide(input, std::max(input.now - *newest, Nanos(0)));
        any = true;
    }
    if (any) publish();
    return any;
}

void Daemon::decide(const DecideInput& given, Nanos lateness) {
    DecideInput input = given;
    for (const SteeredWan wan : kLines) input.source[index(wan)] = parts_.lines->line(wan).state();
    const SteeringDecision& decision = decider_.decide(input);
    decided_at_ = input.now;
    record_.mono_ns = input.now.time_since_epoch().count();
    record_.real_ns = around_.clock.wall().time_since_epoch().count();
    ++record_.slot;
    record_.lateness_ns = saturated<std::uint32_t>(lateness.count());
    tell(decision, record_);
    if (decision.action != SteeringAction::none) act(input);
    if (decision.penalty_began) {
        parts_.segment.count(SteeringCounter::penalties);
        around_.log.warning("toggled too often: the threshold is raised for a while",
                            {{"toggles", decision.toggles},
                             {"threshold", config_.confidence.steer + config_.flap.penalty}});
    }
    tell_sources();
}

void Daemon::act(const DecideInput& input) {
    known_ = true;
    const auto action = static_cast<SteeringAction>(record_.action);
    const auto& cause = input.reading[index(SteeredWan::primary)];
    begin_action(action, static_cast<SteeringReason>(record_.reason),
                 cause ? cause->at : input.now);
    // As the decider knows it, so that a successor finds one moment and not two.
    record_.last_at_ns = input.now.time_since_epoch().count();
    // Before everything that only tells of it.
    parts_.rule->want(input.now,
                      action == SteeringAction::enable ? RuleState::enabled : RuleState::disabled);
    auto& segment = parts_.segment;
    segment.count(action == SteeringAction::enable ? SteeringCounter::enabled
                                                   : SteeringCounter::disabled);
    segment.count(SteeringCounter::early_ends,
                  record_.reason == static_cast<std::uint8_t>(SteeringReason::alt_worse) ? 1 : 0);
    segment.count(SteeringCounter::stale_releases,
                  record_.reason == static_cast<std::uint8_t>(SteeringReason::stale) ? 1 : 0);
    around_.log.info(action == SteeringAction::enable ? "steering begins" : "steering ends",
                     {{"reason", steering_reason_text(record_)},
                      {"code", name(static_cast<SteeringReason>(record_.reason))},
                      {"dry_run", config_.decide.dry_run ? "true" : "false"}});
    publish();
    tell_status();
    remember_();
}

void Daemon::begin_action(SteeringAction action, SteeringReason reason, SteadyTime cause) {
    cause_at_ = cause;
    record_.last_at_ns = around_.clock.steady().time_since_epoch().count();
    record_.last_score = record_.score;
    record_.last_delta_us = record_.wan[index(SteeredWan::primary)].delta_us;
    record_.last_latency_us = 0;
    record_.last_send_us = 0;
    record_.last_http_status = 0;
    record_.last_action = static_cast<std::uint8_t>(action);
    record_.last_reason = static_cast<std::uint8_t>(reason);
    record_.last_outcome = static_cast<std::uint8_t>(WriteOutcome::none);
}

void Daemon::publish() {
    fill_lines();
    fill_rule(SteadyTime(Nanos(record_.mono_ns)));
    parts_.segment.heartbeat(SteadyTime(Nanos(record_.mono_ns)));
    parts_.segment.publish(record_);
    count();
    if (on_record_) on_record_(record_);
    if (std::exchange(published_, true)) return;
    around_.notifier.ready("deciding");
    tell_status();
}

void Daemon::fill_lines() {
    for (const SteeredWan wan : kLines) {
        const SourceCounts& counts = parts_.lines->line(wan).counts();
        WanRecord& line = record_.wan[index(wan)];
        line.seen = counts.seen;
        line.missed = counts.missed;
        line.restarts = saturated<std::uint32_t>(static_cast<std::int64_t>(counts.restarts));
    }
}

void Daemon::fill_rule(SteadyTime now) {
    const RuleView rule = parts_.rule->view();
    record_.router_state = static_cast<std::uint8_t>(rule.router);
    record_.rule_status = static_cast<std::uint8_t>(rule.status);
    record_.rule_wanted = static_cast<std::uint8_t>(rule.wanted);
    record_.rule_read = static_cast<std::uint8_t>(rule.read);
    record_.rule_age_ns =
        rule.read_at ? std::max(now - *rule.read_at, Nanos(0)).count() : kUnknownNs;
    const auto flag = [this](std::uint32_t bit, bool on) {
        record_.flags = on ? record_.flags | bit : record_.flags & ~bit;
    };
    flag(kSteeringWritePending, rule.pending);
    flag(kSteeringRuleChanged, rule.changed);
}

void Daemon::count() {
    auto& segment = parts_.segment;
    segment.count(SteeringCounter::loop_turns);
    segment.set_counter(SteeringCounter::decisions, record_.slot);
    std::uint64_t missed = 0;
    std::uint64_t bad = 0;
    for (const SteeredWan wan : kLines) {
        const SourceCounts& counts = parts_.lines->line(wan).counts();
        segment.set_counter(wan == SteeredWan::primary ? SteeringCounter::primary_records
                                                       : SteeringCounter::alternate_records,
                            counts.seen);
        missed += counts.missed;
        bad += counts.bad;
    }
    segment.set_counter(SteeringCounter::missed_records, missed);
    segment.set_counter(SteeringCounter::bad_records, bad);
    const RuleCounters& rule = parts_.rule->counters();
    segment.set_counter(SteeringCounter::toggles_applied, rule.applied);
    segment.set_counter(SteeringCounter::toggles_failed, rule.failed);
    segment.set_counter(SteeringCounter::rule_reads, rule.reads);
    segment.set_counter(SteeringCounter::foreign_changes, rule.foreign_changes);
    segment.set_counter(SteeringCounter::router_connects,
                        connects_before_ + parts_.link->counters().connections);
}

void Daemon::tell_sources() {
    const auto source = [this](SteeredWan wan) {
        return static_cast<SourceState>(record_.wan[index(wan)].source);
    };
    const LineTeller::Changes changes =
        teller_.tell({source(SteeredWan::primary), source(SteeredWan::alternate)});
    parts_.segment.count(SteeringCounter::source_changes, changes.counted);
    if (changes.any) tell_status();
}

void Daemon::tell_status() {
    if (!published_ || stopping_) return;
    const RuleView rule = parts_.rule->view();
    around_.notifier.status(fmt::format(
        "{}; {} {}; rule {}; router {}", name(static_cast<SteeringState>(record_.state)),
        config_.primary,
        name(static_cast<SourceState>(record_.wan[index(SteeredWan::primary)].source)),
        rule.status == RuleStatus::ok ? name(rule.read) : name(rule.status), name(rule.router)));
}

// What stands on the router at the start is what steering starts from, unless it has decided
// otherwise meanwhile.
void Daemon::rule_found(RuleState state) {
    const SteadyTime now = around_.clock.steady();
    const bool adopts = !known_ && !stopping_ && state == RuleState::enabled;
    known_ = true;
    if (adopts) {
        const auto& before = parts_.predecessor;
        const bool steered = before && before->state == SteeringState::degraded;
        const SteadyTime since = steered ? std::min(before->since, now) : now;
        decider_.adopt(SteeringState::degraded, since);
        record_.state = static_cast<std::uint8_t>(SteeringState::degraded);
        record_.state_since_ns = since.time_since_epoch().count();
        begin_action(SteeringAction::enable, SteeringReason::adopted, since);
        record_.last_at_ns = since.time_since_epoch().count();
        around_.log.info("the rule is on already: steering goes on",
                         {{"hold_down", steered ? "as it was" : "begins now"}});
    }
    parts_.rule->want(now, rule_for(static_cast<SteeringState>(record_.state)));
    remember_();
}

void Daemon::toggle_ended(const ToggleEnded& ended) {
    if (ended.restoring) {
        begin_action(
            ended.asked == RuleState::enabled ? SteeringAction::enable : SteeringAction::disable,
            SteeringReason::restored, ended.sent_at);
    }
    record_.last_outcome = static_cast<std::uint8_t>(ended.outcome);
    record_.last_http_status = static_cast<std::uint16_t>(ended.http_status);
    record_.last_latency_us = micros(ended.latency);
    record_.last_send_us = micros(ended.sent_at - cause_at_);
    const bool good = ended.outcome == WriteOutcome::applied;
    around_.log.log(good ? LogLevel::info : LogLevel::warning,
                    good ? "rule written" : "rule not written",
                    {{"rule", name(ended.asked)},
                     {"outcome", name(ended.outcome)},
                     {"status", ended.http_status},
                     {"latency_us", record_.last_latency_us}});
    tell_status();
}

void Daemon::rule_notice(bool good, const std::string& message) {
    around_.log.log(good ? LogLevel::info : LogLevel::warning, "rule", {{"message", message}});
    tell_status();
}

SteeringMemory Daemon::memory() const {
    SteeringMemory memory = decider_.memory();
    const auto& before = parts_.predecessor;
    if (known_) {
        memory.state = static_cast<SteeringState>(record_.state);
        if (record_.state_since_ns != kUnknownNs)
            memory.since = SteadyTime(Nanos(record_.state_since_ns));
    } else if (before) {
        // A daemon that never reached the router knows no better than the one before.
        memory.state = before->state;
        memory.since = before->since;
    }
    return memory;
}

void Daemon::reconfigure(const SteeringConfig& config, Replacement parts) {
    config_ = config;
    show_settings();
    decider_.reconfigure(config);
    if (parts.setup_check) parts_.setup_check = std::move(parts.setup_check);
    if (parts.link != parts_.link) connects_before_ += parts_.link->counters().connections;
    parts_.link = parts.link;
    parts_.rule->reconfigure(around_.clock.steady(), rule_options(config, 0),
                             std::move(parts.link));
}

void Daemon::stop(ReleaseOnExit on_exit, std::function<void()> done) {
    around_.notifier.stopping();
    stopping_ = true;
    ticker_.stop();
    parts_.lines->stop();
    const SteadyTime now = around_.clock.steady();
    const bool release = on_exit == ReleaseOnExit::release && !config_.decide.dry_run;
    record_.action = static_cast<std::uint8_t>(SteeringAction::none);
    if (release && record_.state == static_cast<std::uint8_t>(SteeringState::degraded)) {
        begin_action(SteeringAction::disable, SteeringReason::exit, now);
        record_.action = record_.last_action;
        record_.reason = record_.last_reason;
        record_.state = static_cast<std::uint8_t>(SteeringState::good);
        record_.state_since_ns = now.time_since_epoch().count();
        around_.log.info("steering ends", {{"reason", steering_reason_text(record_)},
                                           {"code", name(SteeringReason::exit)}});
    }
    if (release) parts_.rule->want(now, RuleState::disabled);
    const Nanos budget = release ? Nanos(config_.router.exit_write) : kQuickStop;
    parts_.rule->stop(now, now + budget, release, [this, done = std::move(done)](bool complete) {
        if (!complete) {
            around_.log.warning("stopped before the router confirmed the rule's release");
        }
        const SteadyTime end = around_.clock.steady();
        record_.mono_ns = end.time_since_epoch().count();
        record_.real_ns = around_.clock.wall().time_since_epoch().count();
        ++record_.slot;
        record_.flags |= kSteeringStopping;
        publish();
        parts_.segment.stop();
        done();
    });
}

}  // namespace wanctl::steering
