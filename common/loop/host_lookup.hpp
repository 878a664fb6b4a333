// A host's addresses by whatever the system uses (hosts file, DNS). Blocks: for the helper thread
// only.
#pragma once

#include <netdb.h>

#include <memory>
#include <string>

namespace wanctl {

struct FreeAddresses {
    void operator()(addrinfo* first) const { freeaddrinfo(first); }
};
using HostAddresses = std::unique_ptr<addrinfo, FreeAddresses>;

// `family`: AF_INET, AF_INET6 or AF_UNSPEC. Null when the host is not known or nobody can be asked.
// Name servers that say nothing cost 2 s each a question, not the system's 10.
[[nodiscard]] HostAddresses look_up_host(const std::string& host, int family);

}  // namespace wanctl
