// The reflectors of one WAN: the addresses that are asked, by index.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "autorate/probe/ip_address.hpp"
#include "common/error.hpp"
#include "common/record/cycle_record.hpp"

namespace wanctl::probe {

struct ReflectorSet {
    // Absent: configured by a name that nobody has looked up yet.
    std::array<std::optional<IpAddress>, kMaxReflectors> address{};
    std::uint8_t count = 0;
};

// 1..kMaxReflectors different unicast addresses or host names; an error names the value that is
// neither.
[[nodiscard]] Result<ReflectorSet> parse_reflectors(const std::vector<std::string>& texts);

}  // namespace wanctl::probe
