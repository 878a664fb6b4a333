#include "common/loop/shared_notifier.hpp"

#include <algorithm>
#include <utility>

namespace wanctl {

SharedNotifier::SharedNotifier(Notices& whole, const std::vector<std::string>& names)
    : whole_(whole) {
    for (const std::string& name : names) {
        seats_.push_back(std::make_unique<Seat>());
        seats_.back()->all = this;
        seats_.back()->name = name;
    }
}

std::string SharedNotifier::joined() const {
    std::string text;
    for (const auto& seat : seats_) {
        if (seat->last_status.empty()) continue;
        if (!text.empty()) text += " | ";
        text += seat->name + ": " + seat->last_status;
    }
    return text;
}

void SharedNotifier::Seat::ready(const std::string& text) {
    is_ready = true;
    last_status = text;
    const auto& seats = all->seats_;
    if (std::all_of(seats.begin(), seats.end(), [](const auto& each) { return each->is_ready; }))
        all->whole_.ready(all->joined());
}

void SharedNotifier::Seat::status(const std::string& text) {
    last_status = text;
    all->whole_.status(all->joined());
}

void SharedNotifier::Seat::stopping() {
    if (!std::exchange(all->stopping_, true)) all->whole_.stopping();
}

void SharedNotifier::Seat::alive(SteadyTime now) {
    is_alive = true;
    const auto& seats = all->seats_;
    if (!std::all_of(seats.begin(), seats.end(), [](const auto& each) { return each->is_alive; }))
        return;
    for (const auto& seat : seats) seat->is_alive = false;
    all->whole_.alive(now);
}

}  // namespace wanctl
