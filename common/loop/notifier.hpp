// What a daemon tells systemd of itself: READY, STATUS, WATCHDOG, STOPPING. Silent without systemd.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "common/loop/notice_socket.hpp"
#include "common/units.hpp"

namespace wanctl {

// What a part of the process has to tell.
class Notices {
  public:
    virtual ~Notices() = default;
    virtual void ready(const std::string& status) = 0;
    // Sent only when the text differs from the last one.
    virtual void status(const std::string& status) = 0;
    virtual void stopping() = 0;
    // To be called after every completed slot: sends at most every quarter of WatchdogSec.
    virtual void alive(SteadyTime now) = 0;
};

// Never waits: while the manager's socket is full, what it must hear is kept and told by one of the
// next calls, alive() among them; of the status only the newest, of keep-alives none.
class Notifier final : public Notices {
  public:
    // Asks the environment once whether and how often systemd wants to hear of us.
    Notifier();

    void ready(const std::string& status) override;
    void status(const std::string& status) override;
    void stopping() override;
    void alive(SteadyTime now) override;
    // The configuration is being read again; ends with reloaded().
    void reloading(SteadyTime now);
    void reloaded();

  private:
    void post(std::string notice);
    // True when nothing is left to tell.
    bool flush();

    NoticeSocket socket_;
    std::vector<std::string> unsent_;  // oldest first
    std::string status_;
    std::string told_status_;
    std::optional<Nanos> alive_interval_;
    std::optional<SteadyTime> last_alive_;
};

}  // namespace wanctl
