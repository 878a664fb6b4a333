#include "autorate/actuate/poll_desk.hpp"

namespace wanctl::actuate {

using routeros::Method;
using routeros::Request;

PollDesk::PollDesk(routeros::RouterLink& link) : Desk(link), whole_path_(routeros::list_path()) {}

Request PollDesk::request(const std::vector<QueuePoller*>& asked) {
    std::vector<routeros::QueueNames> names;
    for (const QueuePoller* each : asked) {
        if (each->whole_tree_) return Request{Method::get, whole_path_, {}};
        names.push_back(each->names_);
    }
    query_ = routeros::print_body(names);
    return Request{Method::post, routeros::print_path(), query_};
}

}  // namespace wanctl::actuate
