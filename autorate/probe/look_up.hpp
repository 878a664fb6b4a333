// Names into addresses, by whatever the system uses (hosts file, DNS). Blocks: for the helper
// thread only.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "autorate/probe/ip_address.hpp"

namespace wanctl::probe {

// IPv4 addresses; IPv6 ones only when none of those is found. Empty when the name is not known or
// nobody can be asked; at most 16, without repetition.
[[nodiscard]] std::vector<IpAddress> look_up(const std::string& name);

// The seam to the helper thread: looks `name` up and calls `done` from the loop, later. False when
// it cannot be asked now.
using LookedUp = std::function<void(const std::vector<IpAddress>& addresses)>;
using LookUp = std::function<bool(const std::string& name, LookedUp done)>;

}  // namespace wanctl::probe
