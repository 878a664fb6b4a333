// What a daemon tells systemd of itself: READY, STATUS, WATCHDOG, STOPPING. Silent without systemd.
#pragma once

#include <optional>
#include <string>

#include "common/units.hpp"

namespace wanctl {

class Notifier {
  public:
    // Asks the environment once whether and how often systemd wants to hear of us.
    Notifier();

    void ready(const std::string& status);
    // Sent only when the text differs from the last one.
    void status(const std::string& status);
    void stopping();
    // To be called after every completed slot: sends at most every quarter of WatchdogSec.
    void alive(SteadyTime now);

  private:
    std::string last_status_;
    std::optional<Nanos> alive_interval_;
    std::optional<SteadyTime> last_alive_;
};

}  // namespace wanctl
