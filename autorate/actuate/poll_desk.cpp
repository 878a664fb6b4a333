#include "autorate/actuate/poll_desk.hpp"

#include <algorithm>
#include <utility>

#include "autorate/actuate/queue_poller.hpp"

namespace wanctl::actuate {

using routeros::Method;
using routeros::Reply;
using routeros::Request;
using routeros::Urgency;

std::shared_ptr<PollDesk> PollDesk::of(routeros::RouterLink& link) {
    for (routeros::LinkUser* user : link.users())
        if (auto* desk = dynamic_cast<PollDesk*>(user)) return desk->shared_from_this();
    return std::make_shared<PollDesk>(link);
}

PollDesk::PollDesk(routeros::RouterLink& link) : link_(link), whole_path_(routeros::list_path()) {
    link_.join(*this);
}

PollDesk::~PollDesk() {
    link_.leave(*this);
}

void PollDesk::leave(QueuePoller& poller) {
    pollers_.erase(std::remove(pollers_.begin(), pollers_.end(), &poller), pollers_.end());
    asked_.erase(std::remove(asked_.begin(), asked_.end(), &poller), asked_.end());
}

Urgency PollDesk::urgency(SteadyTime now) const {
    const bool due = std::any_of(pollers_.begin(), pollers_.end(), [now](const QueuePoller* each) {
        return each->due_ && now >= *each->due_;
    });
    return due ? Urgency::poll : Urgency::none;
}

std::optional<SteadyTime> PollDesk::wake_at() const {
    std::optional<SteadyTime> first;
    for (const QueuePoller* each : pollers_)
        if (each->due_ && (!first || *each->due_ < *first)) first = each->due_;
    return first;
}

void PollDesk::take_turn(SteadyTime now) {
    asked_.clear();
    bool whole_tree = false;
    std::vector<routeros::QueueNames> names;
    for (QueuePoller* each : pollers_) {
        // Nearly due goes along: the next ones then come together.
        if (!each->due_ || now + each->interval_ / 2 < *each->due_) continue;
        asked_.push_back(each);
        names.push_back(each->names_);
        whole_tree = whole_tree || each->whole_tree_;
        each->begin(now);
    }
    if (whole_tree) return link_.send(Request{Method::get, whole_path_, {}});
    query_ = routeros::print_body(names);
    link_.send(Request{Method::post, routeros::print_path(), query_});
}

void PollDesk::on_reply(SteadyTime now, const Reply& reply) {
    // Whoever is told may leave, or make the next request start.
    const std::vector<QueuePoller*> told = std::exchange(asked_, {});
    for (QueuePoller* each : told)
        if (std::find(pollers_.begin(), pollers_.end(), each) != pollers_.end())
            each->digest(now, reply);
}

}  // namespace wanctl::actuate
