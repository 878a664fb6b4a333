#include "autorate/probe/icmp_packet.hpp"

#include <vector>

#include "tests/support/catch.hpp"

using namespace wanctl::probe;

namespace {

constexpr EchoIdentity kIdentity{0x1234, 0x0123456789abcdefULL};
constexpr std::uint64_t kNumber = 0x1'0002'0007ULL;

using Bytes = std::vector<std::byte>;

void seal(Bytes& icmp) {
    icmp[2] = icmp[3] = std::byte{0};
    const std::uint16_t sum = internet_checksum(icmp);
    icmp[2] = static_cast<std::byte>(sum >> 8);
    icmp[3] = static_cast<std::byte>(sum & 0xff);
}

// What a reflector makes of a request: type 0, everything else as it came.
Bytes answer(const EchoIdentity& identity = kIdentity, std::uint64_t number = kNumber) {
    const EchoPacket request = encode_echo(identity, number);
    Bytes reply(request.begin(), request.end());
    reply[0] = std::byte{0};
    seal(reply);
    return reply;
}

Bytes with_ip_header(const Bytes& icmp, std::size_t header_size = 20) {
    Bytes packet(header_size, std::byte{0});
    packet[0] = static_cast<std::byte>(0x40 | (header_size / 4));
    const std::size_t total = header_size + icmp.size();
    packet[2] = static_cast<std::byte>(total >> 8);
    packet[3] = static_cast<std::byte>(total & 0xff);
    packet[9] = std::byte{1};
    packet.insert(packet.end(), icmp.begin(), icmp.end());
    return packet;
}

// The bytes on the heap with nothing behind them, so that a sanitizer sees every read beyond.
ParsedReply parse(const Bytes& packet, IpHeader header = IpHeader::absent) {
    const Bytes exact(packet.begin(), packet.end());
    return parse_reply(exact, header, kIdentity);
}

void check_fault(const ParsedReply& parsed, PacketFault fault) {
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error() == fault);
}

}  // namespace

TEST_CASE("the checksum of RFC 1071's own example is right, for an odd length too") {
    const Bytes even{std::byte{0x00}, std::byte{0x01}, std::byte{0xf2}, std::byte{0x03},
                     std::byte{0xf4}, std::byte{0xf5}, std::byte{0xf6}, std::byte{0xf7}};
    CHECK(internet_checksum(even) == 0x220d);
    CHECK(internet_checksum(Bytes{std::byte{0xab}}) == 0x54ff);
    CHECK(internet_checksum(Bytes(60000, std::byte{0xff})) == 0);
}

TEST_CASE("an echo request is type 8 with our id, the number's low half and a correct checksum") {
    const EchoPacket packet = encode_echo(kIdentity, kNumber);
    CHECK(packet[0] == std::byte{8});
    CHECK(packet[1] == std::byte{0});
    CHECK(packet[4] == std::byte{0x12});
    CHECK(packet[5] == std::byte{0x34});
    CHECK(packet[6] == std::byte{0x00});
    CHECK(packet[7] == std::byte{0x07});
    CHECK(internet_checksum(packet) == 0);
}

TEST_CASE("a reply gives back id, sequence and the whole number") {
    const auto parsed = parse(answer());
    REQUIRE(parsed);
    CHECK(parsed->id == 0x1234);
    CHECK(parsed->sequence == 7);
    CHECK(parsed->number == kNumber);
}

TEST_CASE("a raw packet's IP header is skipped, with options and with padding behind the packet") {
    for (const std::size_t header : {20U, 24U, 60U}) {
        Bytes packet = with_ip_header(answer(), header);
        CHECK(parse(packet, IpHeader::present));
        packet.resize(packet.size() + 22);
        CHECK(parse(packet, IpHeader::present));
    }
}

TEST_CASE("a reply cut at any length is truncated, with and without an IP header") {
    const Bytes reply = answer();
    for (std::size_t length = 0; length < reply.size(); ++length) {
        INFO(length);
        check_fault(parse(Bytes(reply.begin(), reply.begin() + static_cast<long>(length))),
                    PacketFault::truncated);
    }
    for (const std::size_t header : {20U, 60U}) {
        const Bytes raw = with_ip_header(reply, header);
        for (std::size_t length = 0; length < raw.size(); ++length) {
            INFO(length);
            check_fault(parse(Bytes(raw.begin(), raw.begin() + static_cast<long>(length)),
                              IpHeader::present),
                        PacketFault::truncated);
        }
    }
}

TEST_CASE("an IP header that contradicts itself is truncated or none of ours, never read beyond") {
    const Bytes good = with_ip_header(answer());
    Bytes bad = good;
    bad[0] = std::byte{0x44};  // 16 bytes: shorter than any IP header
    check_fault(parse(bad, IpHeader::present), PacketFault::truncated);
    bad = good;
    bad[3] = std::byte{19};  // total shorter than the header
    check_fault(parse(bad, IpHeader::present), PacketFault::truncated);
    bad = good;
    bad[2] = bad[3] = std::byte{0xff};
    check_fault(parse(bad, IpHeader::present), PacketFault::truncated);
    bad = good;
    bad[0] = std::byte{0x65};
    check_fault(parse(bad, IpHeader::present), PacketFault::not_echo_reply);
    bad = good;
    bad[9] = std::byte{17};
    check_fault(parse(bad, IpHeader::present), PacketFault::not_echo_reply);
}

TEST_CASE("one wrong bit anywhere behind type and code is a corrupt checksum") {
    for (std::size_t at = 2; at < kEchoSize; ++at) {
        for (unsigned bit = 0; bit < 8; ++bit) {
            Bytes reply = answer();
            reply[at] ^= static_cast<std::byte>(1U << bit);
            INFO(at << "." << bit);
            check_fault(parse(reply), PacketFault::corrupt_checksum);
        }
    }
}

TEST_CASE("our own request, seen on loopback by a raw socket, is not a reply") {
    const EchoPacket request = encode_echo(kIdentity, kNumber);
    const Bytes packet(request.begin(), request.end());
    check_fault(parse(packet), PacketFault::not_echo_reply);
    check_fault(parse(with_ip_header(packet), IpHeader::present), PacketFault::not_echo_reply);
}

TEST_CASE("a reply with another id, cookie, sequence or length is foreign") {
    check_fault(parse(answer({0x1235, kIdentity.cookie})), PacketFault::foreign);
    check_fault(parse(answer({kIdentity.id, kIdentity.cookie + 1})), PacketFault::foreign);
    Bytes reply = answer();
    reply[7] = std::byte{8};
    seal(reply);
    check_fault(parse(reply), PacketFault::foreign);
    reply = answer();
    reply.resize(reply.size() + 8);
    seal(reply);
    check_fault(parse(reply), PacketFault::foreign);
}

TEST_CASE("an echo of ours is found behind any headers, and nobody else's") {
    const EchoIdentity mine{7, 0x0123456789abcdef};
    const EchoPacket echo = encode_echo(mine, 4711);
    for (const std::size_t headers : {0, 20, 34, 78}) {
        for (const std::size_t padding : {0, 2, 18}) {
            std::vector<std::byte> packet(headers, std::byte{0x45});
            packet.insert(packet.end(), echo.begin(), echo.end());
            packet.resize(packet.size() + padding);
            CHECK(find_echo(packet, mine) == 4711U);
            CHECK_FALSE(find_echo(packet, {7, mine.cookie + 1}));
            packet.resize(headers + kEchoSize - 1);
            CHECK_FALSE(find_echo(packet, mine));
        }
    }
    CHECK_FALSE(find_echo({}, mine));
}
