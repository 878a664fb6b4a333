#include "autorate/probe/ip_address.hpp"

#include <arpa/inet.h>
#include <endian.h>

#include <array>
#include <cstring>

namespace wanctl::probe {

IpAddress::IpAddress(const in6_addr& address) {
    std::array<std::uint64_t, 2> halves{};
    std::memcpy(halves.data(), &address, sizeof halves);
    high_ = be64toh(halves[0]);
    low_ = be64toh(halves[1]);
}

in6_addr IpAddress::v6() const {
    const std::array<std::uint64_t, 2> halves{htobe64(high_), htobe64(low_)};
    in6_addr address{};
    std::memcpy(&address, halves.data(), sizeof address);
    return address;
}

std::optional<IpAddress> parse_ip(std::string_view text) {
    if (const auto v4 = parse_ipv4(text)) return IpAddress(*v4);
    in6_addr parsed{};
    if (inet_pton(AF_INET6, std::string(text).c_str(), &parsed) != 1) return std::nullopt;
    const IpAddress address(parsed);
    if (address.family() == IpFamily::v4) return std::nullopt;
    return address;
}

std::string to_string(const IpAddress& address) {
    if (address.family() == IpFamily::v4) return to_string(address.v4());
    std::array<char, INET6_ADDRSTRLEN> text{};
    const in6_addr raw = address.v6();
    inet_ntop(AF_INET6, &raw, text.data(), text.size());
    return text.data();
}

bool is_unicast(const IpAddress& address) {
    if (address.family() == IpFamily::v4) return is_unicast(address.v4());
    const std::uint64_t first = address.high() >> 48;
    const bool link_local = (first & 0xffc0U) == 0xfe80U;
    const bool unspecified = address.high() == 0 && address.low() == 0;
    return first < 0xff00U && !link_local && !unspecified;
}

}  // namespace wanctl::probe
