#include "common/http/pace.hpp"

#include <utility>

namespace wanctl::http {

void Pace::run(std::function<void()> page) {
    waiting_.push_back(std::move(page));
    if (waiting_.size() > 1) return;
    if (clock_.steady() >= free_at_)
        next();
    else
        wait();
}

void Pace::wait() {
    timer_.expires_at(free_at_);
    timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
        const auto self = weak.lock();
        if (!error && self) self->next();
    });
}

void Pace::next() {
    // It stays in the queue while it is made: what it leads to does not overtake.
    waiting_.front()();
    waiting_.pop_front();
    free_at_ = clock_.steady() + kRoom;
    if (!waiting_.empty()) wait();
}

}  // namespace wanctl::http
