#include "autorate/actuate/queue_poller.hpp"

#include <fmt/format.h>

#include "autorate/actuate/poll_desk.hpp"

namespace wanctl::actuate {

QueuePoller::QueuePoller(routeros::RouterLink& link, const routeros::QueueNames& names,
                         Nanos interval, Listener& listener)
    : link_(link),
      names_(names),
      interval_(interval),
      listener_(listener),
      desk_(PollDesk::of(link)) {
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
    if (reply.state != RouterState::ok)
        return listener_.poll_failed(now, reply.state, reply.error.message);
    const auto pair = routeros::find_queues(reply.body, names_);
    if (pair)
        listener_.poll_read(now, *pair);
    else
        listener_.poll_failed(now, pair.error().state,
                              fmt::format("{}: {}", link_.place(), pair.error().message));
}

}  // namespace wanctl::actuate
