// ICMP and ICMPv6 echo on the wire: pure encoding and parsing, no socket.
//
// The payload is {cookie, number}: a random word of this process, and the number of the echo since
// start. The cookie tells replies to others, and replies made up by somebody who has not seen our
// requests, from ours; the number outlives the 16-bit sequence, which is its low half.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <tl/expected.hpp>

#include "autorate/probe/ip_address.hpp"

namespace wanctl::probe {

inline constexpr std::size_t kEchoSize = 24;  // ICMP header and payload
using EchoPacket = std::array<std::byte, kEchoSize>;

// What all echoes of one socket share.
struct EchoIdentity {
    std::uint16_t id = 0;
    std::uint64_t cookie = 0;
};

// One echo that is to be sent. Numbers start at 1 and grow by one from echo to echo.
struct Echo {
    std::uint64_t number = 0;
    IpAddress to;
    std::uint8_t reflector = 0;  // its index
};

struct EchoReply {
    std::uint16_t id = 0;
    std::uint16_t sequence = 0;
    std::uint64_t number = 0;
};

// Why a packet is not a reply to an echo of ours.
enum class PacketFault : std::uint8_t {
    truncated,  // shorter than its headers say, or than any reply to us
    corrupt_checksum,
    not_echo_reply,  // another ICMP type, such as the request itself seen on loopback
    foreign,         // another program's, or made up: id, sequence, length or cookie differ
};

enum class IpHeader : std::uint8_t { absent, present };

using ParsedReply = tl::expected<EchoReply, PacketFault>;

// RFC 1071 over all bytes; 0 over data that holds its own correct checksum.
[[nodiscard]] std::uint16_t internet_checksum(std::span<const std::byte> data);

// For IPv6 without a checksum, which covers the addresses: the kernel puts it in.
[[nodiscard]] EchoPacket encode_echo(const EchoIdentity& identity, std::uint64_t number,
                                     IpFamily family = IpFamily::v4);

// The number of the echo of ours that stands somewhere in `packet`, behind whatever headers the
// link and its tunnels put before it.
[[nodiscard]] std::optional<std::uint64_t> find_echo(std::span<const std::byte> packet,
                                                     const EchoIdentity& identity);

// Reads nothing beyond `packet`. `header` tells whether it begins with an IPv4 header, as packets
// from raw sockets do.
[[nodiscard]] ParsedReply parse_reply(std::span<const std::byte> packet, IpHeader header,
                                      const EchoIdentity& identity);

// The same of a packet from an ICMPv6 socket of either kind: these deliver it without an IP header
// and have checked its checksum.
[[nodiscard]] ParsedReply parse_reply_v6(std::span<const std::byte> packet,
                                         const EchoIdentity& identity);

// Whether the packet an ICMP error is about, cut as the error queue gives it, is an echo of ours.
[[nodiscard]] bool is_our_echo(std::span<const std::byte> packet, const EchoIdentity& identity,
                               IpFamily family);

}  // namespace wanctl::probe
