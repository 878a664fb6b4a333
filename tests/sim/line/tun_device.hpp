// TUN devices and their addresses, by ioctl. Everything acts in the network namespace of the
// calling thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "common/error.hpp"
#include "common/fd.hpp"

namespace wanctl::sim {

// The device lives as long as the descriptor, which does not block.
[[nodiscard]] Result<Fd> open_tun(const std::string& device);

struct TunAddressing {
    std::vector<std::string> addresses;  // each as /32
    std::string route;                   // network behind the device
    std::string route_mask;
};

// Gives the device its addresses, brings it and loopback up and adds the one route. IPv6 is turned
// off on it.
[[nodiscard]] Result<void> configure_tun(const std::string& device,
                                         const TunAddressing& addressing);

// Lets every group open datagram ICMP sockets.
[[nodiscard]] Result<void> allow_datagram_icmp();

// Names the flow an IPv4 packet belongs to: addresses, protocol and ports or ICMP id.
[[nodiscard]] std::uint64_t flow_of_packet(const std::uint8_t* packet, std::size_t size);

}  // namespace wanctl::sim
