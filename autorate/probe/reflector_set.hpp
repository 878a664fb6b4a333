// The reflectors of one WAN: the addresses that are asked, by index.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "autorate/probe/ipv4_address.hpp"
#include "common/error.hpp"
#include "common/record/cycle_record.hpp"

namespace wanctl::probe {

struct ReflectorSet {
    std::array<Ipv4Address, kMaxReflectors> address{};
    std::uint8_t count = 0;
};

// 1..kMaxReflectors different numeric unicast addresses; an error names the value that is not.
[[nodiscard]] Result<ReflectorSet> parse_reflectors(const std::vector<std::string>& texts);

}  // namespace wanctl::probe
