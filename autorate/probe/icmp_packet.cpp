#include "autorate/probe/icmp_packet.hpp"

#include <cstring>

namespace wanctl::probe {

namespace {

constexpr std::byte kTypeEchoReply{0};
constexpr std::byte kTypeEcho{8};
constexpr std::byte kTypeEchoReplyV6{129};
constexpr std::byte kTypeEchoV6{128};
constexpr std::byte kProtocolIcmpV6{58};
constexpr std::size_t kIpV6HeaderSize = 40;
constexpr std::size_t kIcmpHeaderSize = 8;
constexpr std::size_t kMinIpHeaderSize = 20;
constexpr std::byte kProtocolIcmp{1};
constexpr std::size_t kCookieAt = 8;
constexpr std::size_t kNumberAt = 16;

std::uint16_t load16(std::span<const std::byte> data, std::size_t at) {
    return static_cast<std::uint16_t>((std::to_integer<unsigned>(data[at]) << 8) |
                                      std::to_integer<unsigned>(data[at + 1]));
}

void store16(EchoPacket& packet, std::size_t at, std::uint16_t value) {
    packet[at] = static_cast<std::byte>(value >> 8);
    packet[at + 1] = static_cast<std::byte>(value & 0xff);
}

// The payload comes back as it was sent, so it stays in this machine's byte order.
std::uint64_t load64(std::span<const std::byte> data, std::size_t at) {
    std::uint64_t value = 0;
    std::memcpy(&value, data.data() + at, sizeof value);
    return value;
}

tl::expected<std::span<const std::byte>, PacketFault> strip_ip_header(
    std::span<const std::byte> packet) {
    if (packet.size() < kMinIpHeaderSize) return tl::unexpected(PacketFault::truncated);
    const auto first = std::to_integer<unsigned>(packet[0]);
    const std::size_t header_size = std::size_t{first & 0x0fU} * 4;
    if (first >> 4 != 4 || packet[9] != kProtocolIcmp) {
        return tl::unexpected(PacketFault::not_echo_reply);
    }
    const std::size_t total = load16(packet, 2);
    if (header_size < kMinIpHeaderSize || total < header_size || total > packet.size()) {
        return tl::unexpected(PacketFault::truncated);
    }
    return packet.subspan(header_size, total - header_size);
}

ParsedReply parse_icmp(std::span<const std::byte> icmp, const EchoIdentity& identity,
                       IpFamily family) {
    const bool v6 = family == IpFamily::v6;
    if (icmp.size() < kIcmpHeaderSize) return tl::unexpected(PacketFault::truncated);
    if (icmp[0] != (v6 ? kTypeEchoReplyV6 : kTypeEchoReply) || icmp[1] != std::byte{0}) {
        return tl::unexpected(PacketFault::not_echo_reply);
    }
    if (icmp.size() < kEchoSize) return tl::unexpected(PacketFault::truncated);
    if (!v6 && internet_checksum(icmp) != 0) return tl::unexpected(PacketFault::corrupt_checksum);
    const EchoReply reply{load16(icmp, 4), load16(icmp, 6), load64(icmp, kNumberAt)};
    const bool ours = icmp.size() == kEchoSize && reply.id == identity.id &&
                      load64(icmp, kCookieAt) == identity.cookie &&
                      reply.sequence == static_cast<std::uint16_t>(reply.number);
    if (!ours) return tl::unexpected(PacketFault::foreign);
    return reply;
}

}  // namespace

std::uint16_t internet_checksum(std::span<const std::byte> data) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i + 1 < data.size(); i += 2) sum += load16(data, i);
    if (data.size() % 2 != 0) sum += std::to_integer<std::uint32_t>(data.back()) << 8;
    // 64 KiB, the longest IPv4 packet, keeps the sum below 2^31: two folds carry everything.
    sum = (sum & 0xffffU) + (sum >> 16);
    sum = (sum & 0xffffU) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum & 0xffffU);
}

EchoPacket encode_echo(const EchoIdentity& identity, std::uint64_t number, IpFamily family) {
    EchoPacket packet{};
    packet[0] = family == IpFamily::v6 ? kTypeEchoV6 : kTypeEcho;
    store16(packet, 4, identity.id);
    store16(packet, 6, static_cast<std::uint16_t>(number));
    std::memcpy(packet.data() + kCookieAt, &identity.cookie, sizeof identity.cookie);
    std::memcpy(packet.data() + kNumberAt, &number, sizeof number);
    if (family == IpFamily::v4) store16(packet, 2, internet_checksum(packet));
    return packet;
}

std::optional<std::uint64_t> find_echo(std::span<const std::byte> packet,
                                       const EchoIdentity& identity) {
    constexpr std::size_t kPayload = kEchoSize - kCookieAt;
    for (std::size_t at = kCookieAt; at + kPayload <= packet.size(); ++at) {
        if (load64(packet, at) == identity.cookie) {
            return load64(packet, at + kNumberAt - kCookieAt);
        }
    }
    return std::nullopt;
}

ParsedReply parse_reply(std::span<const std::byte> packet, IpHeader header,
                        const EchoIdentity& identity) {
    if (header == IpHeader::absent) return parse_icmp(packet, identity, IpFamily::v4);
    const auto icmp = strip_ip_header(packet);
    if (!icmp) return tl::unexpected(icmp.error());
    return parse_icmp(*icmp, identity, IpFamily::v4);
}

ParsedReply parse_reply_v6(std::span<const std::byte> packet, const EchoIdentity& identity) {
    return parse_icmp(packet, identity, IpFamily::v6);
}

bool is_our_echo(std::span<const std::byte> packet, const EchoIdentity& identity, IpFamily family) {
    // Raw ICMPv6 sockets are given the IP header too, and an echo never begins like one.
    if (family == IpFamily::v6 && packet.size() > kIpV6HeaderSize &&
        std::to_integer<unsigned>(packet[0]) >> 4 == 6 && packet[6] == kProtocolIcmpV6) {
        packet = packet.subspan(kIpV6HeaderSize);
    }
    const std::byte type = family == IpFamily::v6 ? kTypeEchoV6 : kTypeEcho;
    return packet.size() >= 6 && packet[0] == type && load16(packet, 4) == identity.id;
}

}  // namespace wanctl::probe
