// An IPv4 address as a value, in host byte order.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wanctl::probe {

struct Ipv4Address {
    std::uint32_t value = 0;

    auto operator<=>(const Ipv4Address&) const = default;
};

// Dotted quad only ("192.0.2.1"); nothing else, so that no name is ever looked up here.
[[nodiscard]] std::optional<Ipv4Address> parse_ipv4(std::string_view text);
[[nodiscard]] std::string to_string(Ipv4Address address);

// False for 0.0.0.0/8, multicast, reserved and broadcast: nobody there could answer an echo.
[[nodiscard]] constexpr bool is_unicast(Ipv4Address address) {
    const std::uint32_t first = address.value >> 24;
    return first != 0 && first < 224;
}

}  // namespace wanctl::probe
