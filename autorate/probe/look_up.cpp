#include "autorate/probe/look_up.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

#include "common/loop/host_lookup.hpp"

namespace wanctl::probe {

namespace {

IpAddress address_in(const addrinfo& entry) {
    if (entry.ai_family == AF_INET) {
        sockaddr_in address{};
        std::memcpy(&address, entry.ai_addr, sizeof address);
        return Ipv4Address{ntohl(address.sin_addr.s_addr)};
    }
    sockaddr_in6 address{};
    std::memcpy(&address, entry.ai_addr, sizeof address);
    return IpAddress(address.sin6_addr);
}

std::vector<IpAddress> ask(const std::string& name, int family) {
    constexpr std::size_t kMost = 16;
    const HostAddresses found = look_up_host(name, family);
    std::vector<IpAddress> addresses;
    for (const addrinfo* at = found.get(); at != nullptr && addresses.size() < kMost;
         at = at->ai_next) {
        if (at->ai_family != family) continue;
        const IpAddress value = address_in(*at);
        // An IPv4 address in IPv6's form among the IPv6 ones says that there is no real one.
        const bool fits = (value.family() == IpFamily::v4) == (family == AF_INET);
        if (!fits || !is_unicast(value)) continue;
        if (std::find(addresses.begin(), addresses.end(), value) == addresses.end()) {
            addresses.push_back(value);
        }
    }
    return addresses;
}

}  // namespace

std::vector<IpAddress> look_up(const std::string& name) {
    // A name of the hosts file is known though nobody can be asked for its IPv4 address, so any
    // failure leads on.
    auto addresses = ask(name, AF_INET);
    if (addresses.empty()) addresses = ask(name, AF_INET6);
    return addresses;
}

}  // namespace wanctl::probe
