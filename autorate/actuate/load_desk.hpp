// The readings of a router's own load for all WANs on one link.
#pragma once

#include <string>
#include <vector>

#include "autorate/actuate/desk.hpp"
#include "autorate/actuate/router_load.hpp"

namespace wanctl::actuate {

class LoadDesk final : public Desk<RouterLoad> {
  public:
    explicit LoadDesk(routeros::RouterLink& link) : Desk(link), path_(routeros::resource_path()) {}

  private:
    [[nodiscard]] routeros::Request request(const std::vector<RouterLoad*>& /*asked*/) override {
        return routeros::Request{routeros::Method::get, path_, {}};
    }

    std::string path_;
};

}  // namespace wanctl::actuate
