#include "autorate/actuate/queue_poller.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "autorate/actuate/poll_desk.hpp"
#include "common/routeros/manners.hpp"

namespace wanctl::actuate {

QueuePoller::QueuePoller(routeros::RouterLink& link, const routeros::QueueNames& names,
                         Nanos interval, Listener& listener)
    : link_(link),
      names_(names),
      interval_(interval),
      listener_(listener),
      desk_(Desk<QueuePoller>::of<PollDesk>(link)),
      backoff_(interval, 1) {
    desk_->join(*this);
}

QueuePoller::~QueuePoller() {
    desk_->leave(*this);
}

void QueuePoller::start(SteadyTime now) {
    due_ = now + interval_;
}

void QueuePoller::begin(SteadyTime now) {
    const SteadyTime next = *due_ + interval_;
    due_ = next > now ? next : now + interval_;
    listener_.poll_started();
}

void QueuePoller::digest(SteadyTime now, const routeros::Reply& reply) {
    if (reply.state != RouterState::ok) return failed(now, reply.state, reply.error.message);
    const auto pair = routeros::find_queues(reply.body, names_);
    if (!pair)
        return failed(now, pair.error().state,
                      fmt::format("{}: {}", link_.place(), pair.error().message));
    backoff_.reset();
    listener_.poll_read(now, *pair);
}

void QueuePoller::failed(SteadyTime now, RouterState state, const std::string& message) {
    if (due_) due_ = std::max(*due_, now + backoff_.next(std::max(routeros::kRetryCap, interval_)));
    listener_.poll_failed(now, state, message);
}

}  // namespace wanctl::actuate
