#include "common/loop/host_lookup.hpp"

#include <netinet/in.h>
#include <resolv.h>
#include <sys/socket.h>

namespace wanctl {

HostAddresses look_up_host(const std::string& host, int family) {
    // This thread's resolver, from the system's files as they are now.
    if (res_init() == 0) {
        _res.retrans = 1;
        _res.retry = 2;
    }
    addrinfo wanted{};
    wanted.ai_family = family;
    wanted.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (getaddrinfo(host.c_str(), nullptr, &wanted, &found) != 0) return nullptr;
    return HostAddresses(found);
}

}  // namespace wanctl
