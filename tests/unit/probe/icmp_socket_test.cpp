#include "autorate/probe/icmp_socket.hpp"

#include <net/if.h>

#include <array>

#include "tests/support/catch.hpp"
#include "tests/support/private_network.hpp"
#include "tests/unit/probe/icmp_sockets.hpp"
#include "tests/unit/probe/loopback_peer.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

constexpr Ipv4Address kLoopback2{0x7f000002};
constexpr Ipv4Address kLoopback3{0x7f000003};
constexpr Ipv4Address kUnroutable{0xc6120001};

}  // namespace

TEST_CASE("either kind of socket sends echoes, matches replies and stamps both ways") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    const SocketKind kind = GENERATE(SocketKind::datagram, SocketKind::raw);
    const auto socket = open_socket({kind, {}, ""});
    CHECK(socket->kind() == kind);
    check_echoes(*socket, {kLoopback2, kLoopback3});
    CHECK(socket->counters().refused == 0);
}

TEST_CASE("automatic prefers the datagram socket and falls back to the raw one") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    CHECK(open_socket({})->kind() == SocketKind::datagram);
    if (!allow_datagram_icmp(false)) {
        WARN("skipped: a user namespace knows no group to refuse");
        return;
    }
    const auto socket = IcmpSocket::open({});
    const auto forced = IcmpSocket::open({SocketKind::datagram, {}, ""});
    REQUIRE(allow_datagram_icmp(true));
    REQUIRE(socket);
    CHECK((*socket)->kind() == SocketKind::raw);
    REQUIRE_FALSE(forced);
    CHECK(forced.error().kind == ErrorKind::permission);
    CHECK_THAT(forced.error().message, Catch::Contains("ping_group_range"));
}

TEST_CASE("where neither kind is allowed the error names both remedies") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    if (!allow_datagram_icmp(false)) {
        WARN("skipped: a user namespace knows no group to refuse");
        return;
    }
    const auto refused = [] {
        const WithoutRawSockets without;
        return std::array{IcmpSocket::open({}), IcmpSocket::open({SocketKind::raw, {}, ""})};
    }();
    REQUIRE(allow_datagram_icmp(true));
    for (const auto& result : refused) {
        REQUIRE_FALSE(result);
        CHECK(result.error().kind == ErrorKind::permission);
        CHECK_THAT(result.error().message, Catch::Contains("CAP_NET_RAW"));
    }
    CHECK_THAT(refused[0].error().message, Catch::Contains("ping_group_range"));
}

TEST_CASE("the source address is the one asked for, and one that is not ours is refused by name") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    const SocketKind kind = GENERATE(SocketKind::datagram, SocketKind::raw);
    LoopbackPeer peer;
    REQUIRE(peer.usable());
    const auto socket = open_socket({kind, Ipv4Address{0x7f000005}, ""});
    socket->send(std::array{Echo{1, kLoopback2}});
    const auto request = peer.next(std::byte{8});
    REQUIRE(request.size() >= 20);
    CHECK(request[12] == std::byte{127});
    CHECK(request[15] == std::byte{5});
    const auto refused = IcmpSocket::open({kind, kUnroutable, ""});
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().message, Catch::Contains("198.18.0.1"));
    CHECK_THAT(refused.error().message, Catch::Contains("source_address"));
}

TEST_CASE("the socket is bound to the interface asked for, and an unknown one is refused by name") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    const SocketKind kind = GENERATE(SocketKind::datagram, SocketKind::raw);
    const auto socket = open_socket({kind, {}, "lo"});
    std::array<char, IFNAMSIZ> bound{};
    socklen_t size = bound.size();
    REQUIRE(getsockopt(socket->descriptor(), SOL_SOCKET, SO_BINDTODEVICE, bound.data(), &size) ==
            0);
    CHECK(std::string(bound.data()) == "lo");
    socket->send(std::array{Echo{1, kLoopback2}});
    CHECK(read_packets(*socket, 1).size() == 1);
    const auto refused = IcmpSocket::open({kind, {}, "wan99"});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::not_found);
    CHECK_THAT(refused.error().message, Catch::Contains("wan99"));
}

TEST_CASE("an echo that the system refuses is named, and costs no other its transmit stamp") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    const SocketKind kind = GENERATE(SocketKind::datagram, SocketKind::raw);
    const auto socket = open_socket({kind, {}, ""});
    for (std::uint64_t number = 1; number < 10; number += 3) {
        const auto refused = socket->send(std::array{
            Echo{number, kLoopback2}, Echo{number + 1, kUnroutable}, Echo{number + 2, kLoopback3}});
        REQUIRE(refused.size() == 1);
        CHECK(refused[0].number == number + 1);
        CHECK(refused[0].error == ENETUNREACH);
        const auto stamps = socket->read_stamps().stamps;
        REQUIRE(stamps.size() == 2);
        CHECK(stamps[0].number == number);
        CHECK(stamps[1].number == number + 2);
        CHECK(read_packets(*socket, 2).size() == 2);
    }
    CHECK(socket->counters().refused == 3);
}

TEST_CASE("an ICMP error about our echo is counted, about others not, and the socket goes on") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    const SocketKind kind = GENERATE(SocketKind::datagram, SocketKind::raw);
    LoopbackPeer peer;
    REQUIRE(peer.usable());
    const auto socket = open_socket({kind, {}, ""});
    EchoIdentity other = socket->identity();
    other.id = static_cast<std::uint16_t>(other.id + 1);
    REQUIRE(peer.send(LoopbackPeer::unreachable(other)));
    REQUIRE(peer.send(LoopbackPeer::unreachable(socket->identity())));
    // Sent with the error pending on the socket, which makes one call fail.
    socket->send(std::array{Echo{1, kLoopback2}});
    CHECK(socket->counters().refused == 0);
    CHECK(read_packets(*socket, 1).size() == 1);
    CHECK(socket->counters().icmp_errors == 1);
}

TEST_CASE("forged and damaged replies come out with their fault") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    LoopbackPeer peer;
    REQUIRE(peer.usable());
    const auto socket = open_socket({SocketKind::raw, {}, ""});
    EchoIdentity forged = socket->identity();
    forged.cookie ^= 1;
    REQUIRE(peer.send(LoopbackPeer::reply(forged, 1)));
    auto damaged = LoopbackPeer::reply(socket->identity(), 1);
    damaged.back() ^= std::byte{1};
    REQUIRE(peer.send(damaged));
    auto cut = LoopbackPeer::reply(socket->identity(), 1);
    cut.resize(12);
    REQUIRE(peer.send(cut));
    const auto packets = read_packets(*socket, 3);
    REQUIRE(packets.size() == 3);
    CHECK(packets[0].parsed.error() == PacketFault::foreign);
    CHECK(packets[1].parsed.error() == PacketFault::corrupt_checksum);
    CHECK(packets[2].parsed.error() == PacketFault::truncated);
}

TEST_CASE("a raw socket sees neither requests nor replies to other ids") {
    WANCTL_NEEDS_PRIVATE_NETWORK();
    LoopbackPeer peer;
    REQUIRE(peer.usable());
    const auto socket = open_socket({SocketKind::raw, {}, ""});
    EchoIdentity other = socket->identity();
    other.id = static_cast<std::uint16_t>(other.id + 1);
    REQUIRE(peer.send(LoopbackPeer::reply(other, 1)));
    socket->send(std::array{Echo{1, kLoopback2}});
    const auto packets = read_packets(*socket, 1);
    REQUIRE(packets.size() == 1);
    CHECK(packets[0].parsed);
    CHECK(socket->read_packets().empty());
}
