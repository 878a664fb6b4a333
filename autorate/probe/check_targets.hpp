// What is asked beside the reflectors: the gateway by echo, the other targets by TCP connect.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "autorate/probe/ip_address.hpp"
#include "common/config/autorate_config.hpp"
#include "common/error.hpp"

namespace wanctl::probe {

struct CheckTarget {
    std::string host;                  // address or name, as configured
    std::optional<IpAddress> address;  // absent: a name that nobody has looked up yet
    std::uint16_t port = 0;            // of a TCP target
};

struct CheckTargets {
    std::optional<CheckTarget> gateway;
    std::vector<CheckTarget> tcp;  // at most kMaxTcpTargets
};

// An error names the value that is neither a unicast address nor a host name, or lacks its port.
[[nodiscard]] Result<CheckTargets> parse_targets(const FallbackConfig& config);

}  // namespace wanctl::probe
