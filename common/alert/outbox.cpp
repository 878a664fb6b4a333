#include "common/alert/outbox.hpp"

#include <algorithm>
#include <utility>

namespace wanctl::alert {

std::string_view name(Delivery value) {
    switch (value) {
        case Delivery::delivered:
            return "delivered";
        case Delivery::refused:
            return "refused";
        case Delivery::given_up:
            return "given_up";
        case Delivery::dropped:
            break;
    }
    return "dropped";
}

bool Outbox::push(SteadyTime now, std::shared_ptr<const Message> message) {
    if (queue_.size() == kMost) return false;
    queue_.push_back({std::move(message), now});
    return true;
}

std::optional<SteadyTime> Outbox::due(SteadyTime now) const {
    if (in_flight_ || queue_.empty()) return std::nullopt;
    SteadyTime when = std::max(now, not_before_);
    // Only the first attempt counts: the others are few, and apart.
    if (queue_.front().attempts == 0 && full_at_ > now)
        when = std::max(when, full_at_ - (kBurst - 1) * kPace);
    return when;
}

const Message* Outbox::next(SteadyTime now) {
    const auto when = due(now);
    if (!when || *when > now) return nullptr;
    in_flight_ = true;
    Waiting& first = queue_.front();
    if (first.attempts++ == 0) full_at_ = std::max(full_at_, now) + kPace;
    return first.message.get();
}

std::optional<Ended> Outbox::ended(SteadyTime now, const Attempt& attempt) {
    in_flight_ = false;
    Waiting& first = queue_.front();
    Delivery delivery = Delivery::delivered;
    if (attempt.end == Attempt::End::try_again) {
        const Nanos asked = std::min(attempt.wait.value_or(Nanos(0)), kLongestAsked);
        not_before_ = now + std::max(backoff_.next(kLongestWait), asked);
        if (not_before_ - first.since < kPatience) return std::nullopt;
        delivery = Delivery::given_up;
    } else {
        backoff_.reset();
        not_before_ = now;
        if (attempt.end == Attempt::End::refused) delivery = Delivery::refused;
    }
    Ended out{std::move(first.message), delivery, first.attempts};
    queue_.pop_front();
    return out;
}

std::deque<Ended> Outbox::take_all() {
    std::deque<Ended> out;
    for (Waiting& each : queue_)
        out.push_back({std::move(each.message), Delivery::dropped, each.attempts});
    queue_.clear();
    in_flight_ = false;
    return out;
}

}  // namespace wanctl::alert
