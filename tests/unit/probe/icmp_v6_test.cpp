// ICMPv6: packets, both kinds of socket, and both families side by side.
#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "autorate/probe/echo_sockets.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/private_network.hpp"
#include "tests/unit/probe/icmp_sockets.hpp"
#include "tests/unit/probe/loopback_peer.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

constexpr EchoIdentity kIdentity{0x1234, 0x0123456789abcdefULL};
constexpr std::uint64_t kNumber = 0x1'0002'0007ULL;
constexpr IpAddress kFirst(0x2001'0db8'0000'0000ULL, 1);
constexpr IpAddress kSecond(0x2001'0db8'0000'0000ULL, 2);
constexpr IpAddress kNobody(0x2001'0db8'0000'0000ULL, 0x99);
constexpr std::byte kReply{129};

using Bytes = std::vector<std::byte>;

Bytes answer(const EchoIdentity& identity = kIdentity) {
    const EchoPacket request = encode_echo(identity, kNumber, IpFamily::v6);
    Bytes reply(request.begin(), request.end());
    reply[0] = kReply;
    return reply;
}

// Why there is no test: no namespace, or no IPv6.
std::string enter() {
    std::string why = enter_private_network();
    if (why.empty() && !(add_loopback_v6("2001:db8::1") && add_loopback_v6("2001:db8::2"))) {
        why = "no IPv6";
    }
    return why;
}

SocketSettings v6_settings(SocketKind kind) {
    return {kind, {}, "", IpFamily::v6};
}

// A raw ICMPv6 socket that sends what it is told to ::1.
bool send_raw(const Bytes& icmp) {
    const int descriptor = socket(AF_INET6, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_ICMPV6);
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    to.sin6_addr = in6addr_loopback;
    const auto sent = sendto(descriptor, icmp.data(), icmp.size(), 0,
                             reinterpret_cast<const sockaddr*>(&to), sizeof to);
    close(descriptor);
    return sent == static_cast<ssize_t>(icmp.size());
}

// "No route" about an echo with this identity, sent from ::1 to ::1.
Bytes unreachable(const EchoIdentity& identity) {
    Bytes icmp(8 + 40, std::byte{0});
    icmp[0] = std::byte{1};
    icmp[8] = std::byte{0x60};
    icmp[8 + 5] = std::byte{kEchoSize};
    icmp[8 + 6] = std::byte{58};
    icmp[8 + 7] = std::byte{64};
    icmp[8 + 23] = icmp[8 + 39] = std::byte{1};
    const EchoPacket echo = encode_echo(identity, 1, IpFamily::v6);
    icmp.insert(icmp.end(), echo.begin(), echo.end());
    return icmp;
}

}  // namespace

#define WANCTL_NEEDS_V6_NETWORK()            \
    do {                                     \
        const std::string why_not = enter(); \
        if (!why_not.empty()) {              \
            WARN("skipped: " << why_not);    \
            return;                          \
        }                                    \
    } while (false)

TEST_CASE("an ICMPv6 echo request is type 128 and leaves its checksum to the kernel") {
    const EchoPacket packet = encode_echo(kIdentity, kNumber, IpFamily::v6);
    CHECK(packet[0] == std::byte{128});
    CHECK(packet[1] == std::byte{0});
    CHECK(packet[2] == std::byte{0});
    CHECK(packet[3] == std::byte{0});
    CHECK(packet[5] == std::byte{0x34});
    CHECK(packet[7] == std::byte{0x07});
}

TEST_CASE("an ICMPv6 reply gives back id, sequence and number, whatever its checksum") {
    Bytes reply = answer();
    reply[2] = std::byte{0xab};
    const auto parsed = parse_reply_v6(reply, kIdentity);
    REQUIRE(parsed);
    CHECK(parsed->id == 0x1234);
    CHECK(parsed->sequence == 7);
    CHECK(parsed->number == kNumber);
}

TEST_CASE("what is no ICMPv6 reply to us comes out with its fault") {
    const Bytes reply = answer();
    for (std::size_t length = 0; length < reply.size(); ++length) {
        const Bytes cut(reply.begin(), reply.begin() + static_cast<long>(length));
        INFO(length);
        CHECK(parse_reply_v6(cut, kIdentity).error() == PacketFault::truncated);
    }
    const auto fault = [](const Bytes& packet) {
        return parse_reply_v6(packet, kIdentity).error();
    };
    CHECK(fault(answer({0x1235, kIdentity.cookie})) == PacketFault::foreign);
    CHECK(fault(answer({kIdentity.id, kIdentity.cookie + 1})) == PacketFault::foreign);
    Bytes other = reply;
    other[7] = std::byte{8};
    CHECK(fault(other) == PacketFault::foreign);
    other = reply;
    other.resize(other.size() + 8);
    CHECK(fault(other) == PacketFault::foreign);
    for (const int type : {0, 8, 128, 1}) {
        other = reply;
        other[0] = static_cast<std::byte>(type);
        CHECK(fault(other) == PacketFault::not_echo_reply);
    }
}

TEST_CASE("either kind of ICMPv6 socket sends echoes, matches replies and stamps both ways") {
    WANCTL_NEEDS_V6_NETWORK();
    const SocketKind kind = GENERATE(SocketKind::datagram, SocketKind::raw);
    const auto socket = open_socket(v6_settings(kind));
    CHECK(socket->kind() == kind);
    check_echoes(*socket, {IpAddress(0, 1), kFirst});
}

TEST_CASE("a raw ICMPv6 socket sees neither requests nor replies to other ids") {
    WANCTL_NEEDS_V6_NETWORK();
    const auto socket = open_socket(v6_settings(SocketKind::raw));
    EchoIdentity other = socket->identity();
    other.id = static_cast<std::uint16_t>(other.id + 1);
    REQUIRE(send_raw(answer(other)));
    EchoIdentity forged = socket->identity();
    forged.cookie ^= 1;
    REQUIRE(send_raw(answer(forged)));
    socket->send(std::array{Echo{1, kFirst}});
    const auto packets = read_packets(*socket, 2);
    REQUIRE(packets.size() == 2);
    CHECK(packets[0].parsed.error() == PacketFault::foreign);
    CHECK(packets[1].parsed);
    CHECK(socket->read_packets().empty());
}

TEST_CASE("an ICMPv6 error about our echo is counted, about others not, and the socket goes on") {
    WANCTL_NEEDS_V6_NETWORK();
    const SocketKind kind = GENERATE(SocketKind::datagram, SocketKind::raw);
    const auto socket = open_socket(v6_settings(kind));
    EchoIdentity other = socket->identity();
    other.id = static_cast<std::uint16_t>(other.id + 1);
    REQUIRE(send_raw(unreachable(other)));
    REQUIRE(send_raw(unreachable(socket->identity())));
    CHECK(socket->send(std::array{Echo{1, kFirst}}).empty());
    CHECK(read_packets(*socket, 1).size() == 1);
    CHECK(socket->counters().icmp_errors == 1);
}

TEST_CASE("a source binds the sockets of its own family only, and the interface those of both") {
    WANCTL_NEEDS_V6_NETWORK();
    const SocketKind kind = GENERATE(SocketKind::datagram, SocketKind::raw);
    const auto bound_to = [&](const SocketSettings& settings) {
        const auto socket = open_socket(settings);
        sockaddr_in6 name{};
        socklen_t size = sizeof name;
        REQUIRE(getsockname(socket->descriptor(), reinterpret_cast<sockaddr*>(&name), &size) == 0);
        return IpAddress(name.sin6_addr);
    };
    CHECK(bound_to({kind, kSecond, "lo", IpFamily::v6}) == kSecond);
    CHECK(bound_to({kind, Ipv4Address{0x7f000005}, "", IpFamily::v6}) == IpAddress(0, 0));
    CHECK(IcmpSocket::open({kind, kNobody, "", IpFamily::v4}));
    const auto refused = IcmpSocket::open({kind, kNobody, "", IpFamily::v6});
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().message, Catch::Contains("2001:db8::99"));
    const auto unknown = IcmpSocket::open({kind, {}, "wan99", IpFamily::v6});
    REQUIRE_FALSE(unknown);
    CHECK_THAT(unknown.error().message, Catch::Contains("wan99"));
}

TEST_CASE("only the families that reflectors need have a socket; a name may need either") {
    WANCTL_NEEDS_V6_NETWORK();
    const auto opened = [](const std::vector<std::string>& texts) {
        auto sockets = EchoSockets::open({}, parse_reflectors(texts).value());
        REQUIRE(sockets);
        return std::pair(sockets->reaches(IpFamily::v4), sockets->reaches(IpFamily::v6));
    };
    CHECK(opened({"127.0.0.2"}) == std::pair(true, false));
    CHECK(opened({"2001:db8::1"}) == std::pair(false, true));
    CHECK(opened({"127.0.0.2", "2001:db8::1"}) == std::pair(true, true));
    CHECK(opened({"dns.example"}) == std::pair(true, true));
}

TEST_CASE("refusals of both families come back in the order of the echoes") {
    WANCTL_NEEDS_V6_NETWORK();
    auto sockets =
        EchoSockets::open({}, parse_reflectors({"127.0.0.2", "2001:db8::1"}).value()).value();
    constexpr IpAddress kNoRoute4{Ipv4Address{0xc6120001}};
    const std::array echoes{Echo{1, kNobody}, Echo{2, kNoRoute4}, Echo{3, kFirst},
                            Echo{4, kNobody}, Echo{5, kNoRoute4}, Echo{6, Ipv4Address{0x7f000002}}};
    std::vector<std::uint64_t> refused;
    for (const RefusedEcho& echo : sockets.send(echoes)) refused.push_back(echo.number);
    CHECK(refused == std::vector<std::uint64_t>{1, 2, 4, 5});
    CHECK(sockets.counters().refused == 4);
    for (std::size_t i = 0; i < 2; ++i) {
        CAPTURE(i);
        CHECK(sockets.used(i));
        const auto packets = read_packets(*sockets.all()[i], 1);
        REQUIRE(packets.size() == 1);
        CHECK(packets[0].parsed->number == (i == 0 ? 6U : 3U));
    }
}
