#include "autorate/probe/fallback.hpp"

#include <algorithm>

#include "autorate/probe/median.hpp"

namespace wanctl::probe {

namespace {

using TcpTimes = std::array<std::optional<Nanos>, kMaxTcpTargets>;

std::optional<Nanos> middle(const TcpTimes& times) {
    std::array<Nanos, kMaxTcpTargets> known{};
    std::size_t n = 0;
    for (const auto& time : times) {
        if (time) known[n++] = *time;
    }
    if (n == 0) return std::nullopt;
    return median(known, n);
}

std::int32_t us(const std::optional<Nanos>& time) {
    if (!time) return kUnknownUs;
    return static_cast<std::int32_t>(std::chrono::round<Micros>(*time).count());
}

}  // namespace

Fallback::Fallback(const FallbackConfig& config, std::size_t targets)
    : mode_(config.mode),
      targets_(targets),
      anything_to_ask_(targets > 0 || !config.gateway.empty()) {}

bool Fallback::at_close(SteadyTime now, Nanos load, SlotResult& result) {
    const bool blind =
        result.state == MeasurementState::blind || result.state == MeasurementState::blackout;
    if (blind && !blind_) ended_.reset();
    blind_ = blind;
    if (!blind) {
        sample_.reset();
        if (result.source == SampleSource::reply && result.rtt) {
            echo_ = result.rtt;
            if (!first_answer_) first_answer_ = now;
        } else if (result.source == SampleSource::late) {
            // On a line as full as that nothing can be compared.
            echo_.reset();
        }
    } else {
        add_sample(now, load, result);
    }
    result.tcp_rtt_us = tcp_rtt_us_;
    result.tcp_offset_us = tcp_offset_us_;
    result.gateway_rtt_us = gateway_rtt_us_;
    return due(now, blind);
}

FallbackState Fallback::state(SteadyTime now) const {
    if (!anything_to_ask_ || !ended_) return FallbackState::off;
    if (now - *ended_ > kRoundStands) return FallbackState::dead;
    if (middle(outcome_.tcp)) {
        const bool stands_in = mode_ == FallbackMode::graceful_degradation && corrected(outcome_);
        return stands_in ? FallbackState::tcp : FallbackState::tcp_frozen;
    }
    return outcome_.gateway ? FallbackState::gateway_only : FallbackState::dead;
}

void Fallback::add_sample(SteadyTime now, Nanos load, SlotResult& result) {
    result.fallback = state(now);
    if (mode_ == FallbackMode::use_last_rtt) {
        const bool alive = result.fallback == FallbackState::tcp_frozen ||
                           result.fallback == FallbackState::gateway_only;
        if (!alive || load <= Nanos::zero()) return;
        result.rtt = load;
        result.source = SampleSource::last;
    } else if (result.fallback == FallbackState::tcp) {
        if (sample_) {
            result.rtt = sample_;
            result.source = SampleSource::tcp;
            sample_.reset();
        }
    } else {
        return;
    }
    // It is measured, if not by reflectors.
    result.state = MeasurementState::blind;
}

bool Fallback::due(SteadyTime now, bool blind) {
    if (!anything_to_ask_ || running_) return false;
    const bool asked = last_round_ && now - *last_round_ < kRoundEvery;
    if (asked) return false;
    if (!blind) {
        const bool teaches = mode_ == FallbackMode::graceful_degradation && targets_ > 0;
        if (!teaches || !first_answer_ || now - *first_answer_ < kFirstLesson) return false;
        if (last_round_ && now - *last_round_ < kLessonEvery) return false;
    }
    running_ = true;
    lesson_ = !blind;
    last_round_ = now;
    return true;
}

void Fallback::round_ended(SteadyTime now, const CheckOutcome& outcome) {
    running_ = false;
    tcp_rtt_us_ = us(middle(outcome.tcp));
    gateway_rtt_us_ = us(outcome.gateway);
    for (std::size_t i = 0; i < targets_; ++i) {
        if ((outcome.moved >> i & 1) != 0) offset_.forget(i);
    }
    // The line changed under way: neither a lesson nor an answer.
    if (lesson_ == blind_) return;
    if (lesson_) {
        if (echo_) learn(outcome, *echo_);
        return;
    }
    outcome_ = outcome;
    ended_ = now;
    sample_ = corrected(outcome);
}

void Fallback::learn(const CheckOutcome& outcome, Nanos echo) {
    TcpTimes offsets;
    for (std::size_t i = 0; i < targets_; ++i) {
        if (outcome.tcp[i]) offset_.learn(i, *outcome.tcp[i], echo);
        offsets[i] = offset_.of(i);
    }
    tcp_offset_us_ = us(middle(offsets));
}

std::optional<Nanos> Fallback::corrected(const CheckOutcome& outcome) const {
    TcpTimes times;
    for (std::size_t i = 0; i < targets_; ++i) {
        const auto offset = offset_.of(i);
        if (!outcome.tcp[i] || !offset) continue;
        times[i] = std::max(*outcome.tcp[i] - *offset, Nanos(1));
    }
    return middle(times);
}

}  // namespace wanctl::probe
