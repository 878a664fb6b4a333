#include "common/loop/notifier.hpp"

#include <cstdlib>
#include <string_view>
#include <utility>

#include <systemd/sd-daemon.h>

namespace wanctl {

namespace {

// The last ones say all that still holds: every reload ends with READY.
constexpr std::size_t kUnsentKept = 4;

std::string_view manager_address() {
    const char* address = std::getenv("NOTIFY_SOCKET");
    return address == nullptr ? std::string_view() : address;
}

}  // namespace

Notifier::Notifier() : socket_(manager_address()) {
    std::uint64_t watchdog_us = 0;
    if (sd_watchdog_enabled(0, &watchdog_us) > 0) {
        alive_interval_ = std::chrono::microseconds(watchdog_us) / 4;
    }
}

void Notifier::ready(const std::string& status) {
    status_ = status;
    post("READY=1");
}

void Notifier::status(const std::string& status) {
    if (status == status_) return;
    status_ = status;
    flush();
}

void Notifier::stopping() {
    post("STOPPING=1");
}

void Notifier::reloading(SteadyTime now) {
    const auto us = std::chrono::duration_cast<Micros>(now.time_since_epoch()).count();
    post("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(us));
}

void Notifier::reloaded() {
    post("READY=1");
}

void Notifier::alive(SteadyTime now) {
    if (!flush()) return;
    if (!alive_interval_ || (last_alive_ && now - *last_alive_ < *alive_interval_)) {
        return;
    }
    if (socket_.deliver("WATCHDOG=1")) last_alive_ = now;
}

void Notifier::post(std::string notice) {
    if (unsent_.size() == kUnsentKept) unsent_.erase(unsent_.begin());
    unsent_.push_back(std::move(notice));
    flush();
}

bool Notifier::flush() {
    while (!unsent_.empty()) {
        if (!socket_.deliver(unsent_.front())) return false;
        unsent_.erase(unsent_.begin());
    }
    if (status_ != told_status_) {
        if (!socket_.deliver("STATUS=" + status_)) return false;
        told_status_ = status_;
    }
    return true;
}

}  // namespace wanctl
