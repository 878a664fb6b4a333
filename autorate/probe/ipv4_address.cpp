#include "autorate/probe/ipv4_address.hpp"

#include <arpa/inet.h>

#include <fmt/format.h>

namespace wanctl::probe {

std::optional<Ipv4Address> parse_ipv4(std::string_view text) {
    in_addr parsed{};
    if (inet_pton(AF_INET, std::string(text).c_str(), &parsed) != 1) return std::nullopt;
    return Ipv4Address{ntohl(parsed.s_addr)};
}

std::string to_string(Ipv4Address address) {
    const auto octet = [address](int shift) { return (address.value >> shift) & 0xffU; };
    return fmt::format("{}.{}.{}.{}", octet(24), octet(16), octet(8), octet(0));
}

}  // namespace wanctl::probe
