#include "autorate/actuate/queue_poller.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace wanctl::actuate {

using routeros::Method;
using routeros::Reply;
using routeros::Request;
using routeros::Urgency;

namespace {

constexpr Nanos kRetryCap = std::chrono::seconds(2);

}  // namespace

QueuePoller::QueuePoller(routeros::RouterLink& link, const routeros::QueueNames& names,
                         Nanos interval, Listener& listener)
    : link_(link),
      names_(names),
      interval_(interval),
      listener_(listener),
      backoff_(interval, 1),
      query_(routeros::print_body(names)),
      whole_path_(routeros::list_path()) {
    link_.join(*this);
}

QueuePoller::~QueuePoller() {
    link_.leave(*this);
}

void QueuePoller::start(SteadyTime now) {
    due_ = now + interval_;
}

Urgency QueuePoller::urgency(SteadyTime now) const {
    return due_ && now >= *due_ ? Urgency::poll : Urgency::none;
}

void QueuePoller::take_turn(SteadyTime now) {
    // On the grid while it is kept; after a delay the grid starts anew.
    due_ = now - *due_ < interval_ ? *due_ + interval_ : now + interval_;
    listener_.poll_started();
    if (whole_tree_)
        link_.send(Request{Method::get, whole_path_, {}});
    else
        link_.send(Request{Method::post, routeros::print_path(), query_});
}

void QueuePoller::on_reply(SteadyTime now, const Reply& reply) {
    if (reply.state != RouterState::ok) return failed(now, reply.state, reply.error.message);
    const auto pair = routeros::find_queues(reply.body, names_);
    if (!pair)
        return failed(now, pair.error().state,
                      fmt::format("{}: {}", link_.place(), pair.error().message));
    backoff_.reset();
    listener_.poll_read(now, *pair);
}

void QueuePoller::failed(SteadyTime now, RouterState state, const std::string& message) {
    if (due_) due_ = std::max(*due_, now + backoff_.next(std::max(kRetryCap, interval_)));
    listener_.poll_failed(now, state, message);
}

}  // namespace wanctl::actuate
