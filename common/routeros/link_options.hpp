// How to reach a router, out of the configuration.
#pragma once

#include "common/config/autorate_config.hpp"
#include "common/routeros/rest_client.hpp"

namespace wanctl::routeros {

// As RouterConfig::user.
[[nodiscard]] RestOptions link_options(const RouterConfig& router);

}  // namespace wanctl::routeros
