#include "common/loop/notifier.hpp"

#include <systemd/sd-daemon.h>

namespace wanctl {

namespace {

// An undelivered notice has no remedy here: systemd itself acts when it misses one.
void send(const std::string& notice) {
    static_cast<void>(sd_notify(0, notice.c_str()));
}

}  // namespace

Notifier::Notifier() {
    std::uint64_t watchdog_us = 0;
    if (sd_watchdog_enabled(0, &watchdog_us) > 0) {
        alive_interval_ = std::chrono::microseconds(watchdog_us) / 4;
    }
}

void Notifier::ready(const std::string& status) {
    last_status_ = status;
    send("READY=1\nSTATUS=" + status);
}

void Notifier::status(const std::string& status) {
    if (status != last_status_) {
        last_status_ = status;
        send("STATUS=" + status);
    }
}

void Notifier::stopping() {
    send("STOPPING=1");
}

void Notifier::reloading(SteadyTime now) {
    const auto us = std::chrono::duration_cast<Micros>(now.time_since_epoch()).count();
    send("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(us));
}

void Notifier::reloaded() {
    send("READY=1");
}

void Notifier::alive(SteadyTime now) {
    if (!alive_interval_ || (last_alive_ && now - *last_alive_ < *alive_interval_)) {
        return;
    }
    last_alive_ = now;
    send("WATCHDOG=1");
}

}  // namespace wanctl
