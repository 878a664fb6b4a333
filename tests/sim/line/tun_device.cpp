#include "tests/sim/line/tun_device.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/route.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include <fmt/format.h>

namespace wanctl::sim {

namespace {

auto system_error(const std::string& what) {
    const int code = errno;
    const auto kind = code == EPERM || code == EACCES ? ErrorKind::permission : ErrorKind::system;
    return fail(kind, fmt::format("{}: {}", what, std::strerror(code)), code);
}

ifreq request(const std::string& name) {
    ifreq wanted{};
    name.copy(wanted.ifr_name, IFNAMSIZ - 1);
    return wanted;
}

// Writes an IPv4 address into the sockaddr an ioctl expects; false when it is none.
bool put_address(sockaddr& to, const std::string& text) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    if (::inet_pton(AF_INET, text.c_str(), &address.sin_addr) != 1) return false;
    static_assert(sizeof(address) == sizeof(to));
    std::memcpy(&to, &address, sizeof(address));
    return true;
}

Result<void> add_address(int socket, const std::string& label, const std::string& address) {
    ifreq wanted = request(label);
    if (!put_address(wanted.ifr_addr, address)) {
        return fail(ErrorKind::invalid_input, fmt::format("{}: not an IPv4 address", address));
    }
    if (::ioctl(socket, SIOCSIFADDR, &wanted) != 0)
        return system_error(label + " address " + address);
    put_address(wanted.ifr_netmask, "255.255.255.255");
    if (::ioctl(socket, SIOCSIFNETMASK, &wanted) != 0) return system_error(label + " netmask");
    return {};
}

Result<void> bring_up(int socket, const std::string& device) {
    ifreq wanted = request(device);
    if (::ioctl(socket, SIOCGIFFLAGS, &wanted) != 0) return system_error(device + " flags");
    wanted.ifr_flags = static_cast<short>(wanted.ifr_flags | IFF_UP | IFF_RUNNING);
    if (::ioctl(socket, SIOCSIFFLAGS, &wanted) != 0) return system_error(device + " up");
    return {};
}

Result<void> add_route(int socket, std::string device, const TunAddressing& addressing) {
    rtentry route{};
    if (!put_address(route.rt_dst, addressing.route) ||
        !put_address(route.rt_genmask, addressing.route_mask)) {
        return fail(ErrorKind::invalid_input, fmt::format("{}: not a network", addressing.route));
    }
    route.rt_flags = RTF_UP;
    route.rt_dev = device.data();
    if (::ioctl(socket, SIOCADDRT, &route) != 0) return system_error("route " + addressing.route);
    return {};
}

}  // namespace

Result<Fd> open_tun(const std::string& device) {
    Fd fd(::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
    if (!fd) return system_error("/dev/net/tun");
    ifreq wanted = request(device);
    wanted.ifr_flags = IFF_TUN | IFF_NO_PI;
    if (::ioctl(fd.get(), TUNSETIFF, &wanted) != 0) return system_error("TUN device " + device);
    return fd;
}

Result<void> configure_tun(const std::string& device, const TunAddressing& addressing) {
    // Absent where the kernel has no IPv6, which serves as well.
    std::ofstream("/proc/sys/net/ipv6/conf/" + device + "/disable_ipv6") << "1\n";
    Fd socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!socket) return system_error("socket");
    if (auto up = bring_up(socket.get(), "lo"); !up) return up;
    for (std::size_t i = 0; i < addressing.addresses.size(); ++i) {
        const std::string label = i == 0 ? device : fmt::format("{}:{}", device, i);
        if (auto added = add_address(socket.get(), label, addressing.addresses[i]); !added)
            return added;
    }
    if (auto up = bring_up(socket.get(), device); !up) return up;
    return add_route(socket.get(), device, addressing);
}

Result<void> allow_datagram_icmp() {
    const std::string path = "/proc/sys/net/ipv4/ping_group_range";
    std::ofstream file(path);
    file << "0 2147483647\n" << std::flush;
    if (!file) return fail(ErrorKind::permission, path + ": cannot be written");
    return {};
}

std::uint64_t flow_of_packet(const std::uint8_t* packet, std::size_t size) {
    std::uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a
    const auto mix = [&](std::size_t from, std::size_t bytes) {
        for (std::size_t i = from; i < from + bytes && i < size; ++i) {
            hash = (hash ^ packet[i]) * 0x100000001b3ULL;
        }
    };
    if (size < 20) return hash;
    const std::size_t header = static_cast<std::size_t>(packet[0] & 0x0f) * 4;
    const bool fragment = ((packet[6] & 0x1f) | packet[7]) != 0;
    mix(9, 1);
    mix(12, 8);
    if (fragment) return hash;
    if (packet[9] == IPPROTO_TCP || packet[9] == IPPROTO_UDP) mix(header, 4);
    if (packet[9] == IPPROTO_ICMP) mix(header + 4, 2);
    return hash;
}

}  // namespace wanctl::sim
