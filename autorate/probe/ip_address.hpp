// An IP address of either family as a value.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <netinet/in.h>

#include "autorate/probe/ipv4_address.hpp"

namespace wanctl::probe {

enum class IpFamily : std::uint8_t { v4, v6 };
inline constexpr std::size_t kFamilies = 2;

// The 128 bits in host byte order; an IPv4 address is held as the mapped ::ffff:a.b.c.d, which no
// packet carries, so that both families compare as one.
class IpAddress {
  public:
    constexpr IpAddress() = default;  // 0.0.0.0
    // Implicit: an IPv4 address is an IP address.
    constexpr IpAddress(Ipv4Address v4) : low_(kMapped | v4.value) {}
    constexpr IpAddress(std::uint64_t high, std::uint64_t low) : high_(high), low_(low) {}
    explicit IpAddress(const in6_addr& address);

    [[nodiscard]] constexpr IpFamily family() const {
        return high_ == 0 && low_ >> 32 == kMapped >> 32 ? IpFamily::v4 : IpFamily::v6;
    }
    // Of the IPv4 family only.
    [[nodiscard]] constexpr Ipv4Address v4() const {
        return Ipv4Address{static_cast<std::uint32_t>(low_)};
    }
    [[nodiscard]] in6_addr v6() const;
    [[nodiscard]] constexpr std::uint64_t high() const { return high_; }
    [[nodiscard]] constexpr std::uint64_t low() const { return low_; }

    auto operator<=>(const IpAddress&) const = default;

  private:
    static constexpr std::uint64_t kMapped = 0xffff'0000'0000ULL;

    std::uint64_t high_ = 0;
    std::uint64_t low_ = kMapped;
};

// Dotted quad or IPv6 text ("2001:db8::1"), without brackets, zone or mapped IPv4; nothing else, so
// that no name is ever looked up here.
[[nodiscard]] std::optional<IpAddress> parse_ip(std::string_view text);
[[nodiscard]] std::string to_string(const IpAddress& address);

// False for what nobody could answer an echo from; for IPv6 that is ::, multicast, and link-local,
// which means nothing without a zone.
[[nodiscard]] bool is_unicast(const IpAddress& address);

}  // namespace wanctl::probe
