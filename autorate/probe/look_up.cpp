#include "autorate/probe/look_up.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <memory>

namespace wanctl::probe {

std::vector<Ipv4Address> look_up(const std::string& name) {
    constexpr std::size_t kMost = 16;
    addrinfo wanted{};
    wanted.ai_family = AF_INET;
    wanted.ai_socktype = SOCK_DGRAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(name.c_str(), nullptr, &wanted, &found) != 0) return {};
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
    std::vector<Ipv4Address> addresses;
    for (const addrinfo* at = found; at != nullptr && addresses.size() < kMost; at = at->ai_next) {
        sockaddr_in address{};
        if (at->ai_addrlen < sizeof address) continue;
        std::memcpy(&address, at->ai_addr, sizeof address);
        const Ipv4Address value{ntohl(address.sin_addr.s_addr)};
        if (!is_unicast(value)) continue;
        if (std::find(addresses.begin(), addresses.end(), value) == addresses.end()) {
            addresses.push_back(value);
        }
    }
    return addresses;
}

}  // namespace wanctl::probe
