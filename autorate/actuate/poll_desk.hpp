// The polls of all WANs that read their counters over one link, as its least urgent user.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/routeros/router_link.hpp"

namespace wanctl::actuate {

class QueuePoller;

// Stays on the link as long as any poller uses it.
class PollDesk final : public routeros::LinkUser, public std::enable_shared_from_this<PollDesk> {
  public:
    // The one of this link.
    [[nodiscard]] static std::shared_ptr<PollDesk> of(routeros::RouterLink& link);

    explicit PollDesk(routeros::RouterLink& link);
    ~PollDesk() override;
    PollDesk(const PollDesk&) = delete;
    PollDesk& operator=(const PollDesk&) = delete;

    void join(QueuePoller& poller) { pollers_.push_back(&poller); }
    // A reply still to come is then not told to it.
    void leave(QueuePoller& poller);

  private:
    [[nodiscard]] routeros::Urgency urgency(SteadyTime now) const override;
    [[nodiscard]] std::optional<SteadyTime> wake_at() const override;
    void take_turn(SteadyTime now) override;
    void on_reply(SteadyTime now, const routeros::Reply& reply) override;

    routeros::RouterLink& link_;
    std::vector<QueuePoller*> pollers_;
    std::vector<QueuePoller*> asked_;  // whose queues the request in flight reads
    std::string query_;
    std::string whole_path_;
};

}  // namespace wanctl::actuate
