// A good reply made bad: what a broken router, proxy or connection may deliver instead.
#pragma once

#include <optional>
#include <string_view>

#include "tests/sim/rest/rest_message.hpp"
#include "tests/sim/rest/router_faults.hpp"

namespace wanctl::sim {

[[nodiscard]] std::optional<Spoil> spoil_named(std::string_view name);

[[nodiscard]] RestReply spoiled(RestReply reply, Spoil how);

}  // namespace wanctl::sim
