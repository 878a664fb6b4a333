#include "steering/decide/steering_decider.hpp"

#include <algorithm>

#include "steering/decide/assessor.hpp"

namespace wanctl::steering {

namespace {

constexpr auto kPrimary = static_cast<std::size_t>(SteeredWan::primary);
constexpr auto kAlternate = static_cast<std::size_t>(SteeredWan::alternate);

// An alternate is clearly worse from here on, if its delta is also twice the primary's.
constexpr Nanos kWorseDelta = std::chrono::milliseconds(80);
constexpr int kWorseTimes = 2;
// A line that was last seen in a blackout is believed to be down for so long.
constexpr Nanos kBlackoutBelieved = std::chrono::seconds(600);
constexpr int kSoftRedsSustained = 3;

bool blind_or_worse(const LineView& line) {
    return line.measurement == MeasurementState::blind ||
           line.measurement == MeasurementState::blackout;
}

}  // namespace

SteeringDecider::SteeringDecider(const SteeringConfig& config, SteadyTime start)
    : config_(config),
      start_(start),
      signals_{LineSignals(config.three_state, config.failsafe.stale),
               LineSignals(config.three_state, config.failsafe.stale)},
      flaps_(config.flap),
      state_since_(start) {}

void SteeringDecider::adopt(SteeringState state, SteadyTime since) {
    state_ = state;
    state_since_ = since;
}

void SteeringDecider::reconfigure(const SteeringConfig& config) {
    const bool other_policy = config.decide.policy != config_.decide.policy;
    config_ = config;
    flaps_.reconfigure(config.flap);
    for (LineSignals& line : signals_) line.reconfigure(config.three_state, config.failsafe.stale);
    if (!other_policy) return;
    congested_.reset();
    well_.reset();
    soft_reds_ = 0;
    decision_.score.reset();
}

const SteeringDecision& SteeringDecider::decide(const DecideInput& input) {
    now_ = input.now;
    decision_.action = SteeringAction::none;
    decision_.penalty_began = false;
    decision_.recover_threshold = config_.confidence.recover;
    decision_.steer_threshold = config_.confidence.steer + flaps_.penalty(now_);
    look(input);
    weigh_alternate();
    if (state_ == SteeringState::good) {
        good();
    } else {
        degraded();
    }
    decision_.state = state_;
    decision_.since = state_since_;
    decision_.toggles = flaps_.toggles(now_);
    tell_timers();
    return decision_;
}

void SteeringDecider::look(const DecideInput& input) {
    for (const std::size_t wan : {kPrimary, kAlternate}) {
        if (input.reading[wan]) signals_[wan].take(*input.reading[wan]);
        decision_.line[wan] = signals_[wan].view(input.source[wan], now_);
        decision_.usable[wan] = usability(static_cast<SteeredWan>(wan));
    }
    const LineView& primary = decision_.line[kPrimary];
    if (primary.silent) {
        congested_.reset();
        well_.reset();
        soft_reds_ = 0;
    } else if (input.reading[kPrimary]) {
        evaluate(*input.reading[kPrimary]);
    }
}

void SteeringDecider::evaluate(const LineReading& reading) {
    const LineView& primary = decision_.line[kPrimary];
    evaluated_at_ = reading.at;
    evaluated_interval_ = reading.interval;
    if (reading.restarted) congested_.reset();
    // Nobody can say that a line without replies is well; whether it is congested stands as it was.
    if (blind_or_worse(primary)) {
        well_.reset();
        if (primary.measurement == MeasurementState::blackout) congested_.reset();
        return;
    }
    decision_.assessment = three_state() || !reading.assessed ? assess(primary, config_.three_state)
                                                              : *reading.assessed;
    if (three_state()) {
        decision_.score.reset();
        congested_.update(decision_.assessment == Assessment::red, reading.at);
        well_.update(decision_.assessment == Assessment::green, reading.at);
        return;
    }
    soft_reds_ = decision_.assessment == Assessment::soft_red ? soft_reds_ + 1 : 0;
    decision_.score = score_of(primary, decision_.assessment, soft_reds_ >= kSoftRedsSustained);
    congested_.update(decision_.score->value >= decision_.steer_threshold, reading.at);
    const bool may_recover = hold_down_left() == Nanos(0);
    well_.update(may_recover && is_well(primary, decision_.assessment, *decision_.score,
                                        config_.confidence.recover),
                 reading.at);
}

void SteeringDecider::weigh_alternate() {
    alternate_worse_.update(alternate_worse(), now_);
}

void SteeringDecider::good() {
    const LineView& primary = decision_.line[kPrimary];
    if (primary.silent) return because(SteeringReason::no_data, since_data());
    if (primary.measurement == MeasurementState::blackout) {
        if (decision_.usable[kAlternate] == Usability::absent) {
            return because(SteeringReason::alt_absent);
        }
        return toggle(SteeringState::degraded, SteeringReason::pri_blackout, {});
    }
    if (primary.measurement == MeasurementState::blind) return because(SteeringReason::unmeasured);
    if (!congested_.running()) return because(SteeringReason::quiet);
    const Nanos held = lasted(congested_);
    if (held < steer_after()) return because(SteeringReason::sustaining, held, steer_after());
    if (const auto reason = held_back()) return because(*reason, held, steer_after());
    toggle(SteeringState::degraded,
           three_state() ? SteeringReason::red_sustained : SteeringReason::congested, held);
}

void SteeringDecider::degraded() {
    const LineView& primary = decision_.line[kPrimary];
    if (primary.silent) return without_data();
    if (primary.measurement == MeasurementState::blackout) {
        return because(SteeringReason::pri_blackout);
    }
    const Nanos worse = alternate_worse_.held(now_);
    const Nanos recovery = config_.confidence.recovery_sustain;
    if (alternate_worse_.running() && worse >= recovery) {
        return toggle(SteeringState::good, SteeringReason::alt_worse, worse);
    }
    if (well_.running() && lasted(well_) >= recover_after()) {
        return toggle(SteeringState::good, SteeringReason::recovered, lasted(well_));
    }
    if (alternate_worse_.running()) return because(SteeringReason::alt_worsening, worse, recovery);
    if (primary.measurement == MeasurementState::blind) return because(SteeringReason::unmeasured);
    if (hold_down_left() > Nanos(0)) {
        const Nanos hold_down = config_.confidence.hold_down;
        return because(SteeringReason::hold_down, hold_down - hold_down_left(), hold_down);
    }
    if (well_.running()) {
        return because(SteeringReason::recovering, lasted(well_), recover_after());
    }
    because(SteeringReason::still_congested);
}

void SteeringDecider::without_data() {
    const Nanos age = since_data();
    if (known_down()) return because(SteeringReason::pri_down, age, kBlackoutBelieved);
    if (age >= config_.failsafe.stale_release) {
        return toggle(SteeringState::good, SteeringReason::stale, age);
    }
    because(SteeringReason::losing_data, age, config_.failsafe.stale_release);
}

void SteeringDecider::toggle(SteeringState state, SteeringReason reason, Nanos held) {
    const bool penalized = flaps_.penalty_left(now_).has_value();
    flaps_.toggled(now_);
    decision_.penalty_began = !penalized && flaps_.penalty_left(now_).has_value();
    decision_.action =
        state == SteeringState::degraded ? SteeringAction::enable : SteeringAction::disable;
    state_ = state;
    state_since_ = now_;
    congested_.reset();
    well_.reset();
    because(reason, held);
}

void SteeringDecider::because(SteeringReason reason, Nanos held, Nanos limit) {
    decision_.reason = reason;
    decision_.held = held;
    decision_.limit = limit;
}

Usability SteeringDecider::usability(SteeredWan wan) const {
    const LineView& line = decision_.line[static_cast<std::size_t>(wan)];
    if (line.source == SourceState::absent && wan == SteeredWan::alternate) {
        return config_.failsafe.require_alternate ? Usability::absent : Usability::assumed;
    }
    if (line.silent) return Usability::silent;
    if (line.measurement == MeasurementState::blackout) return Usability::blackout;
    if (line.measurement == MeasurementState::blind) return Usability::blind;
    return line.zone == Zone::red ? Usability::red : Usability::usable;
}

// Why steering does not begin although the primary is congested.
std::optional<SteeringReason> SteeringDecider::held_back() const {
    switch (decision_.usable[kAlternate]) {
        case Usability::red:
            return SteeringReason::alt_red;
        case Usability::blackout:
            return SteeringReason::alt_blackout;
        case Usability::silent:
        case Usability::blind:
            return SteeringReason::alt_silent;
        case Usability::absent:
            return SteeringReason::alt_absent;
        case Usability::usable:
        case Usability::assumed:
            break;
    }
    if (alternate_slow()) return SteeringReason::alt_slow;
    return std::nullopt;
}

bool SteeringDecider::alternate_slow() const {
    const LineView& primary = decision_.line[kPrimary];
    const LineView& alternate = decision_.line[kAlternate];
    if (alternate.silent || primary.silent || !alternate.delta || !primary.delta) return false;
    return *alternate.delta >= kWorseDelta && *alternate.delta >= kWorseTimes * *primary.delta;
}

// Nothing is worse than a primary on which nothing answers.
bool SteeringDecider::alternate_worse() const {
    const LineView& primary = decision_.line[kPrimary];
    if (primary.silent || blind_or_worse(primary)) return false;
    const Usability alternate = decision_.usable[kAlternate];
    return alternate == Usability::red || alternate == Usability::blackout || alternate_slow();
}

Nanos SteeringDecider::since_data() const {
    return now_ - std::max(signals_[kPrimary].last_at().value_or(start_), SteadyTime{});
}

bool SteeringDecider::known_down() const {
    return signals_[kPrimary].last_measurement() == MeasurementState::blackout &&
           since_data() <= kBlackoutBelieved;
}

Nanos SteeringDecider::lasted(const Streak& streak) const {
    return streak.held(evaluated_at_) + (three_state() ? evaluated_interval_ : Nanos(0));
}

Nanos SteeringDecider::steer_after() const {
    return three_state() ? config_.three_state.red : config_.confidence.sustain;
}

Nanos SteeringDecider::recover_after() const {
    return three_state() ? config_.three_state.green : config_.confidence.recovery_sustain;
}

// 0 when none runs.
Nanos SteeringDecider::hold_down_left() const {
    if (three_state() || state_ == SteeringState::good) return Nanos(0);
    return std::max(config_.confidence.hold_down - (now_ - state_since_), Nanos(0));
}

void SteeringDecider::tell_timers() {
    const auto tell = [&](SteeringTimer timer, bool running, Nanos passed, Nanos length) {
        auto& slot = decision_.timer[static_cast<std::size_t>(timer)];
        slot.reset();
        if (running) slot = TimerState{std::max(length - passed, Nanos(0)), length};
    };
    const bool steering = state_ == SteeringState::degraded;
    const Nanos hold_down = config_.confidence.hold_down;
    const bool silent = decision_.line[kPrimary].silent;
    tell(SteeringTimer::sustain, !steering && congested_.running(), lasted(congested_),
         steer_after());
    tell(SteeringTimer::hold_down, hold_down_left() > Nanos(0), hold_down - hold_down_left(),
         hold_down);
    tell(SteeringTimer::recovery, steering && well_.running(), lasted(well_), recover_after());
    tell(SteeringTimer::early_end, steering && alternate_worse_.running(),
         alternate_worse_.held(now_), config_.confidence.recovery_sustain);
    const auto penalty = flaps_.penalty_left(now_);
    tell(SteeringTimer::flap_penalty, penalty.has_value(),
         config_.flap.penalty_time - penalty.value_or(Nanos(0)), config_.flap.penalty_time);
    tell(SteeringTimer::stale_release, steering && silent && !known_down(), since_data(),
         config_.failsafe.stale_release);
    tell(SteeringTimer::primary_down, steering && silent && known_down(), since_data(),
         kBlackoutBelieved);
}

}  // namespace wanctl::steering
