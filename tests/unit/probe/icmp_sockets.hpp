// Sockets of either family in tests: opened or the test fails, and read with a deadline.
#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "autorate/probe/icmp_socket.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/probe/loopback_peer.hpp"

namespace wanctl::test {

inline std::unique_ptr<IcmpSocket> open_socket(const SocketSettings& settings) {
    auto socket = IcmpSocket::open(settings);
    if (!socket) FAIL(socket.error().message);
    return std::move(*socket);
}

// Reads until `wanted` packets are there or the deadline has passed.
inline std::vector<ReceivedPacket> read_packets(IcmpSocket& socket, std::size_t wanted) {
    std::vector<ReceivedPacket> all;
    while (all.size() < wanted && wait_readable(socket.descriptor())) {
        const auto batch = socket.read_packets();
        all.insert(all.end(), batch.begin(), batch.end());
        (void)socket.read_stamps();
    }
    return all;
}

// Asks both addresses until a pair of replies is stamped both ways, and checks that each reply
// belongs to its echo and each stamp to its request.
inline void check_echoes(IcmpSocket& socket, const std::array<IpAddress, 2>& asked) {
    CHECK(socket.identity().id != 0);
    // The kernel may switch stamping on a moment after the option is set: the first may lack it.
    bool stamped = false;
    std::uint64_t number = 1;
    const auto end = std::chrono::steady_clock::now() + kDeadline;
    while (!stamped && std::chrono::steady_clock::now() < end) {
        const std::array echoes{Echo{number, asked[0]}, Echo{number + 1, asked[1]}};
        CHECK(socket.send(echoes).empty());
        const auto transmitted = socket.read_stamps();
        REQUIRE(transmitted.emptied);
        REQUIRE(transmitted.stamps.size() == 2);
        CHECK(transmitted.stamps[0].number == number);
        CHECK(transmitted.stamps[1].number == number + 1);
        const WallTime sent = transmitted.stamps[0].time;
        const auto packets = read_packets(socket, 2);
        REQUIRE(packets.size() == 2);
        for (std::size_t i = 0; i < 2; ++i) {
            REQUIRE(packets[i].parsed);
            CHECK(packets[i].from == echoes[i].to);
            CHECK(packets[i].parsed->number == echoes[i].number);
            CHECK(packets[i].parsed->id == socket.identity().id);
        }
        stamped = packets[0].stamp && packets[1].stamp && *packets[0].stamp >= sent;
        number += 2;
    }
    CHECK(stamped);
}

}  // namespace wanctl::test
