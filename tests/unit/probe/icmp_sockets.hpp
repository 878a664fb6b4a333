// Sockets of either family in tests: opened or the test fails, and read with a deadline.
#pragma once

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

}  // namespace wanctl::test
