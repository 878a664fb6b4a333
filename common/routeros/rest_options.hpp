// What a REST client needs, out of the configuration of a router.
#pragma once

#include "common/config/autorate_config.hpp"
#include "common/routeros/rest_client.hpp"

namespace wanctl::routeros {

// For `router.user`; the password is handed to the client itself.
[[nodiscard]] RestOptions rest_options(const RouterConfig& router);

}  // namespace wanctl::routeros
