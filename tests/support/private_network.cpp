#include "tests/support/private_network.hpp"

#include <arpa/inet.h>
#include <linux/capability.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <string>

#include <fmt/format.h>

#include "tests/support/wait_until.hpp"

namespace wanctl::test {

namespace {

bool write_file(const char* path, const std::string& text) {
    std::ofstream file(path);
    file << text << std::flush;
    return file.good();
}

std::string enter() {
    const uid_t uid = geteuid();
    const gid_t gid = getegid();
    const bool root = uid == 0;
    if (unshare(root ? CLONE_NEWNET : CLONE_NEWNET | CLONE_NEWUSER) != 0) {
        return std::string("no network namespace: ") + std::strerror(errno);
    }
    if (!root) {
        const bool mapped = write_file("/proc/self/setgroups", "deny") &&
                            write_file("/proc/self/uid_map", "0 " + std::to_string(uid) + " 1") &&
                            write_file("/proc/self/gid_map", "0 " + std::to_string(gid) + " 1");
        if (!mapped) return "no user namespace: uid_map cannot be written";
    }
    if (!set_loopback(true)) return "loopback cannot be raised";
    if (!allow_datagram_icmp(true)) return "ping_group_range cannot be set";
    return {};
}

unsigned swap_raw_capability(unsigned (&effective)[2], bool drop) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct data[2] = {};
    syscall(SYS_capget, &header, data);
    if (drop) {
        effective[0] = data[0].effective;
        effective[1] = data[1].effective;
        data[0].effective &= ~(1U << CAP_NET_RAW);
    } else {
        data[0].effective = effective[0];
        data[1].effective = effective[1];
    }
    return static_cast<unsigned>(syscall(SYS_capset, &header, data));
}

}  // namespace

bool set_loopback(bool up) {
    const int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return false;
    ifreq request{};
    std::strncpy(request.ifr_name, "lo", IFNAMSIZ - 1);
    request.ifr_flags = static_cast<short>(up ? IFF_UP : 0);
    const bool done = ioctl(descriptor, SIOCSIFFLAGS, &request) == 0;
    close(descriptor);
    return done;
}

namespace {

// The kernel answers for an address only when it has made sure, in its own time, that nobody else
// has it.
bool answers(const in6_addr& address) {
    constexpr unsigned long kTentative = 0x40;
    std::string hex;
    for (const auto byte : address.s6_addr) hex += fmt::format("{:02x}", byte);
    std::ifstream addresses("/proc/net/if_inet6");
    std::string found, index, prefix, scope, flags, device;
    while (addresses >> found >> index >> prefix >> scope >> flags >> device) {
        if (found == hex) return (std::stoul(flags, nullptr, 16) & kTentative) == 0;
    }
    return false;
}

}  // namespace

bool add_loopback_v6(const std::string& address) {
    struct {
        in6_addr address;
        std::uint32_t prefix;
        int interface;
    } request{{}, 128, static_cast<int>(if_nametoindex("lo"))};
    if (inet_pton(AF_INET6, address.c_str(), &request.address) != 1) return false;
    const int descriptor = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return false;
    const bool done = ioctl(descriptor, SIOCSIFADDR, &request) == 0 || errno == EEXIST;
    close(descriptor);
    return done && wait_until([&] { return answers(request.address); });
}

std::string enter_private_network() {
    static const std::string outcome = enter();
    return outcome;
}

bool allow_datagram_icmp(bool allowed) {
    // A user namespace knows only the groups that are mapped into it: here group 0.
    return write_file("/proc/sys/net/ipv4/ping_group_range", allowed ? "0 0" : "1 0");
}

Silence::Silence() {
    write_file("/proc/sys/net/ipv4/icmp_echo_ignore_all", "1");
}
Silence::~Silence() {
    write_file("/proc/sys/net/ipv4/icmp_echo_ignore_all", "0");
}

WithoutRawSockets::WithoutRawSockets() {
    swap_raw_capability(effective_, true);
}
WithoutRawSockets::~WithoutRawSockets() {
    swap_raw_capability(effective_, false);
}

}  // namespace wanctl::test
