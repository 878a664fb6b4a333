#include "steering/decision_record.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace wanctl::steering {

namespace {

std::int32_t micros(std::optional<Nanos> value) {
    if (!value) return kUnknownUs;
    const auto us = std::chrono::round<Micros>(*value).count();
    // The least number means "unknown".
    return static_cast<std::int32_t>(
        std::clamp<std::int64_t>(us, kUnknownUs + 1, std::numeric_limits<std::int32_t>::max()));
}

std::uint32_t timer_micros(Nanos value) {
    const auto us = std::chrono::round<Micros>(value).count();
    return static_cast<std::uint32_t>(std::clamp<std::int64_t>(us, 0, kNoTimer - 1));
}

template <typename Enum>
std::uint8_t word(const std::optional<Enum>& value) {
    return value ? static_cast<std::uint8_t>(*value) : kUnknownWord;
}

void tell_line(const LineView& line, Usability usable, WanRecord& record) {
    record.age_ns = line.age ? line.age->count() : kUnknownNs;
    record.queue_age_ns = line.queue_age ? line.queue_age->count() : kUnknownNs;
    record.delta_us = micros(line.delta);
    record.delta_ewma_us =
        line.delta_ewma ? micros(std::chrono::round<Nanos>(*line.delta_ewma)) : kUnknownUs;
    record.drops = line.queue ? line.queue->drops : kUnknownCount;
    record.queue_packets = line.queue ? line.queue->packets : kUnknownCount;
    record.dl_zone = word(line.direction_zone[0]);
    record.ul_zone = word(line.direction_zone[1]);
    record.source = static_cast<std::uint8_t>(line.source);
    record.usable = static_cast<std::uint8_t>(usable);
}

}  // namespace

void tell(const SteeringDecision& decision, SteeringRecord& record) {
    for (std::size_t wan = 0; wan < 2; ++wan) {
        tell_line(decision.line[wan], decision.usable[wan], record.wan[wan]);
    }
    record.assessment = static_cast<std::uint8_t>(decision.assessment);
    record.state = static_cast<std::uint8_t>(decision.state);
    record.state_since_ns = decision.since.time_since_epoch().count();
    record.action = static_cast<std::uint8_t>(decision.action);
    record.reason = static_cast<std::uint8_t>(decision.reason);
    record.held_ns = decision.held.count();
    record.limit_ns = decision.limit.count();
    const Score score = decision.score.value_or(Score{});
    record.score = decision.score ? score.value : kUnknownScore;
    record.contributors = score.contributors;
    std::copy(score.points.begin(), score.points.end(), record.points);
    record.steer_threshold = decision.steer_threshold;
    record.recover_threshold = decision.recover_threshold;
    record.toggles = static_cast<std::uint32_t>(decision.toggles);
    record.congestion = static_cast<std::uint8_t>(
        decision.line[static_cast<std::size_t>(SteeredWan::primary)].congestion);
    for (std::size_t i = 0; i < kMaxTimers; ++i) {
        const auto& timer = decision.timer[i];
        record.timer_left_us[i] = timer ? timer_micros(timer->left) : kNoTimer;
        record.timer_length_us[i] = timer ? timer_micros(timer->length) : kNoTimer;
    }
}

}  // namespace wanctl::steering
