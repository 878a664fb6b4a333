// Whatever a stranger sends as an ICMP packet, parsing it ends, reads nothing beyond it, and what
// it takes for one of our replies carries our identity and a right checksum.
//
// The first byte's lowest bit says whether the IP header is in front; the rest is the packet. Its
// second bit has the checksum put right first, so that the checks behind it are reached. Its third
// bit has the packet read as ICMPv6.
#include <cstddef>
#include <span>
#include <vector>

#include "autorate/probe/icmp_packet.hpp"
#include "tests/fuzz/target.hpp"

namespace {

using namespace wanctl::probe;
using wanctl::fuzz::require;

constexpr EchoIdentity kIdentity{0x1234, 0x1122334455667788};
constexpr std::size_t kChecksumAt = 2;

void mend_checksum(std::span<std::byte> icmp) {
    if (icmp.size() < kChecksumAt + 2) return;
    icmp[kChecksumAt] = icmp[kChecksumAt + 1] = std::byte{0};
    const std::uint16_t sum = internet_checksum(icmp);
    icmp[kChecksumAt] = static_cast<std::byte>(sum >> 8U);
    icmp[kChecksumAt + 1] = static_cast<std::byte>(sum & 0xffU);
}

int try_v6(std::span<const std::uint8_t> data) {
    const auto bytes = std::as_bytes(data);
    const std::vector<std::byte> packet(bytes.begin(), bytes.end());
    const ParsedReply reply = parse_reply_v6(packet, kIdentity);
    if (reply) {
        require(reply->sequence == (reply->number & 0xffffU), "the sequence is the number's half");
        require(packet.size() == kEchoSize, "a reply is as long as an echo");
        require(reply->id == kIdentity.id, "a reply carries our id");
    }
    (void)is_our_echo(packet, kIdentity, IpFamily::v6);
    (void)is_our_echo(packet, kIdentity, IpFamily::v4);
    return 0;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    if ((data[0] & 4U) != 0) return try_v6({data + 1, size - 1});
    const auto header = (data[0] & 1U) != 0 ? IpHeader::present : IpHeader::absent;
    const auto* bytes = reinterpret_cast<const std::byte*>(data);
    std::vector<std::byte> packet(bytes + 1, bytes + size);
    const std::size_t icmp_at = header == IpHeader::absent || packet.empty()
                                    ? 0
                                    : static_cast<std::size_t>(packet[0] & std::byte{15}) * 4;
    if ((data[0] & 2U) != 0 && icmp_at < packet.size())
        mend_checksum(std::span(packet).subspan(icmp_at));

    const ParsedReply reply = parse_reply(packet, header, kIdentity);
    if (reply) {
        require(reply->sequence == (reply->number & 0xffffU), "the sequence is the number's half");
        require(packet.size() >= kEchoSize, "a reply is as long as an echo");
    }
    (void)find_echo(packet, kIdentity);
    return 0;
}
