// The polls of all WANs that read their queues' counters over one link.
#pragma once

#include <string>
#include <vector>

#include "autorate/actuate/desk.hpp"
#include "autorate/actuate/queue_poller.hpp"

namespace wanctl::actuate {

class PollDesk final : public Desk<QueuePoller> {
  public:
    explicit PollDesk(routeros::RouterLink& link);

  private:
    [[nodiscard]] routeros::Request request(const std::vector<QueuePoller*>& asked) override;

    std::string query_;
    std::string whole_path_;
};

}  // namespace wanctl::actuate
