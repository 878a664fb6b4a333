#include "autorate/actuate/write_policy.hpp"

#include <algorithm>
#include <cmath>

namespace wanctl::actuate {
namespace {

constexpr std::size_t index(Direction direction) {
    return static_cast<std::size_t>(direction);
}
constexpr std::array kDirections{Direction::download, Direction::upload};

}  // namespace

WritePolicy::WritePolicy(const PolicyOptions& options, SteadyTime now)
    : options_(options),
      token_(Nanos(std::chrono::minutes(1)) / std::max(options.increases_per_minute, 1)),
      full_(token_ * std::max(options.increase_burst, 1)),
      credit_(full_),
      credit_at_(now) {}

void WritePolicy::compare(SteadyTime now, Queue& queue) {
    if (!queue.wanted || !queue.held || *queue.wanted == *queue.held)
        queue.apart_since.reset();
    else if (!queue.apart_since)
        queue.apart_since = now;
}

void WritePolicy::want(SteadyTime now, Direction direction, Rate rate, Zone zone) {
    Queue& queue = queues_[index(direction)];
    if (final_ || rate < Rate{1}) return;
    if (queue.wanted != rate) queue.not_taken.reset();
    queue.wanted = rate;
    queue.zone = zone;
    compare(now, queue);
}

void WritePolicy::want_ceilings() {
    final_ = true;
    for (const Direction direction : kDirections) {
        queues_[index(direction)].wanted = options_.ceiling[index(direction)];
        queues_[index(direction)].not_taken.reset();
    }
}

void WritePolicy::hold(SteadyTime now, Direction direction, std::optional<Rate> rate) {
    Queue& queue = queues_[index(direction)];
    if (queue.held != rate) queue.apart_since.reset();
    if (rate && queue.held != rate) queue.not_taken.reset();
    queue.held = rate;
    compare(now, queue);
}

Nanos WritePolicy::credit(SteadyTime now) const {
    return std::min(full_, credit_ + std::max(now - credit_at_, Nanos(0)));
}

bool WritePolicy::worth_it(SteadyTime now, Direction direction) const {
    const Queue& queue = queues_[index(direction)];
    const double change =
        std::abs(static_cast<double>(queue.wanted->bps) - static_cast<double>(queue.held->bps));
    if (change >= options_.min_change.value * static_cast<double>(queue.held->bps)) return true;
    if (queue.apart_since && now - *queue.apart_since >= options_.settle) return true;
    const Rate floor = options_.floor[index(direction)][static_cast<std::size_t>(queue.zone)];
    return *queue.wanted == floor || *queue.wanted == options_.ceiling[index(direction)];
}

std::optional<Write> WritePolicy::due(SteadyTime now, Direction direction) const {
    const Queue& queue = queues_[index(direction)];
    if (!queue.wanted || !queue.held || *queue.wanted == *queue.held) return std::nullopt;
    if (queue.not_taken == queue.wanted) return std::nullopt;
    const bool decrease = *queue.wanted < *queue.held;
    const Write write{direction, *queue.wanted,
                      decrease ? WriteKind::decrease : WriteKind::increase};
    if (final_) return write;
    if (!decrease) {
        if (queue.zone != Zone::green) return std::nullopt;
        if (queue.last_increase && now - *queue.last_increase < options_.increase_interval)
            return std::nullopt;
        if (credit(now) < token_) return std::nullopt;
    }
    return worth_it(now, direction) ? std::optional(write) : std::nullopt;
}

std::optional<Write> WritePolicy::next(SteadyTime now) const {
    if (outstanding_) return std::nullopt;
    const auto download = due(now, Direction::download);
    const auto upload = due(now, Direction::upload);
    if (!download || !upload) return download ? download : upload;
    if (download->kind != upload->kind)
        return download->kind == WriteKind::decrease ? download : upload;
    // Equal claims: whoever has waited longer since its last turn; nothing sorts before any time.
    return queues_[1].last_sent < queues_[0].last_sent ? upload : download;
}

void WritePolicy::sent(SteadyTime now, const Write& write) {
    Queue& queue = queues_[index(write.direction)];
    outstanding_ = write;
    queue.last_sent = now;
    if (write.kind == WriteKind::decrease || final_) return;
    queue.last_increase = now;
    credit_ = credit(now) - token_;
    credit_at_ = now;
}

void WritePolicy::ended(SteadyTime now, std::optional<Rate> held) {
    if (!outstanding_) return;
    const Write write = *outstanding_;
    outstanding_.reset();
    Queue& queue = queues_[index(write.direction)];
    queue.apart_since.reset();
    hold(now, write.direction, held);
    if (held && *held != write.rate && queue.wanted == write.rate) queue.not_taken = write.rate;
}

std::optional<Rate> WritePolicy::held(Direction direction) const {
    return queues_[index(direction)].held;
}

bool WritePolicy::pending(Direction direction) const {
    const Queue& queue = queues_[index(direction)];
    return queue.wanted && queue.wanted != queue.held;
}

}  // namespace wanctl::actuate
