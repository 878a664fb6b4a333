// The connections of a process to its routers: one for each (url, user), however many WANs use it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/clock.hpp"
#include "common/config/autorate_config.hpp"
#include "common/error.hpp"
#include "common/routeros/router_link.hpp"

namespace wanctl::autorate {

// The secrets of one [router], read: never part of a configuration, a message or a log.
struct Passwords {
    std::string write;
    std::string stats;  // empty without a second user
};

// Blocks on files.
[[nodiscard]] Result<Passwords> read_passwords(const RouterConfig& router);

struct RouterLinks {
    std::shared_ptr<routeros::RouterLink> write;
    std::shared_ptr<routeros::RouterLink> stats;  // the same without a second user
};

class LinkPool {
  public:
    LinkPool(boost::asio::io_context& loop, const Clock& clock) : loop_(loop), clock_(clock) {}

    // The same links for the same logins; one whose settings are others than before is made anew.
    // Passwords take effect with the next request.
    [[nodiscard]] RouterLinks links(const RouterConfig& router, const Passwords& passwords);

  private:
    struct Known {
        routeros::RestOptions options;
        std::weak_ptr<routeros::RouterLink> link;
    };

    [[nodiscard]] std::shared_ptr<routeros::RouterLink> link(const routeros::RestOptions& options,
                                                             const std::string& password);

    boost::asio::io_context& loop_;
    const Clock& clock_;
    std::vector<Known> known_;
};

}  // namespace wanctl::autorate
