#include "steering/decide/line_signals.hpp"

#include <algorithm>

#include "common/reference_cycle.hpp"

namespace wanctl::steering {

namespace {

constexpr Millis kLargestDelta{1000.0};
constexpr std::int32_t kHighQueue = 50;  // packets
// A reading holds for this many intervals of its own kind.
constexpr int kReadingHolds = 3;
// What autorate's [queues] stats_interval_ms is without being told.
constexpr Nanos kUsualStatsInterval = std::chrono::milliseconds(250);
// A line whose slots are longer than stale_s is stale after this many of them.
constexpr int kStaleSlots = 3;

CongestedDirection both_of(bool download, bool upload) {
    if (download && upload) return CongestedDirection::both;
    if (download) return CongestedDirection::download;
    return upload ? CongestedDirection::upload : CongestedDirection::none;
}

}  // namespace

void LineSignals::take(const LineReading& reading) {
    if (reading.restarted) {
        delta_.reset();
        ewma_.reset();
        queue_ = {};
        queue_interval_ = Nanos(0);
    }
    if (reading.delta) {
        const Millis sample = std::min(Millis(std::max(*reading.delta, Nanos(0))), kLargestDelta);
        const Ratio weight = weight_over(config_.rtt_ewma_alpha, Cycles(reading.at - ewma_at_));
        ewma_ = ewma_ ? (1.0 - weight.value) * *ewma_ + weight.value * sample : sample;
        ewma_at_ = reading.at;
        delta_ = reading.delta;
    }
    if (reading.queue) take_queue(*reading.queue);
    last_ = reading;
}

void LineSignals::take_queue(const QueueReading& reading) {
    if (queue_[0]) {
        const Nanos since = reading.at - queue_[0]->at;
        // A reading that came late does not make the next ones hold for long.
        queue_interval_ =
            queue_interval_ == Nanos(0) ? since : std::min(since, 2 * queue_interval_);
    }
    std::shift_right(queue_.begin(), queue_.end(), 1);
    queue_[0] = reading;
}

LineView LineSignals::view(SourceState source, SteadyTime now) const {
    LineView out;
    out.source = source;
    if (!last_) return out;
    out.age = std::max(now - last_->at, Nanos(0));
    out.interval = last_->interval;
    out.measurement = last_->measurement;
    const bool too_old = *out.age > std::max(stale_, kStaleSlots * last_->interval);
    if (source == SourceState::live && too_old) out.source = SourceState::stale;
    out.silent = out.source != SourceState::live;
    out.delta = delta_;
    out.delta_ewma = ewma_;
    out.zone = last_->zone;
    out.direction_zone = last_->direction_zone;
    bool queue_holds = false;
    if (queue_[0]) {
        out.queue_age = std::max(now - queue_[0]->at, Nanos(0));
        const Nanos interval = queue_interval_ == Nanos(0) ? kUsualStatsInterval : queue_interval_;
        queue_holds = *out.queue_age <= kReadingHolds * interval;
    }
    if (queue_holds) {
        out.queue = queue_[0]->worse;
        out.queue_high = queue_[0]->worse.packets > kHighQueue && queue_[1] &&
                         queue_[1]->worse.packets > kHighQueue;
        out.drops_rising = queue_[2] && queue_[0]->worse.drops > queue_[2]->worse.drops;
    }
    out.congestion = congestion(queue_holds);
    return out;
}

// The queues tell the directions apart; a zone alone says less, as one round trip crosses both.
CongestedDirection LineSignals::congestion(bool queue_holds) const {
    if (queue_holds && queue_[0]->direction) {
        const auto full = [&](std::size_t direction) {
            const QueueState& queue = (*queue_[0]->direction)[direction];
            return queue.packets >= config_.min_queue_yellow ||
                   queue.drops >= config_.min_drops_red;
        };
        const CongestedDirection by_queue = both_of(full(0), full(1));
        if (by_queue != CongestedDirection::none) return by_queue;
    }
    const auto red = [&](std::size_t direction) {
        const auto& zone = last_->direction_zone[direction];
        return zone && *zone >= Zone::soft_red;
    };
    return both_of(red(0), red(1));
}

std::optional<SteadyTime> LineSignals::last_at() const {
    return last_ ? std::optional(last_->at) : std::nullopt;
}

std::optional<MeasurementState> LineSignals::last_measurement() const {
    return last_ ? std::optional(last_->measurement) : std::nullopt;
}

}  // namespace wanctl::steering
