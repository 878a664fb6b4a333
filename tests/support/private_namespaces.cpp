#include "tests/support/private_namespaces.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

namespace wanctl::test {
namespace {

std::string why(const char* what) {
    return fmt::format("{}: {}", what, std::strerror(errno));
}

bool write_text(const char* path, const std::string& text) {
    std::ofstream file(path);
    file << text << std::flush;
    return static_cast<bool>(file);
}

std::string become_root_of_a_user_namespace() {
    const auto user = ::geteuid();
    const auto group = ::getegid();
    if (::unshare(CLONE_NEWUSER) != 0) return why("no user namespace of our own");
    if (!write_text("/proc/self/setgroups", "deny") ||
        !write_text("/proc/self/uid_map", fmt::format("0 {} 1", user)) ||
        !write_text("/proc/self/gid_map", fmt::format("0 {} 1", group))) {
        return why("cannot map our user into a user namespace");
    }
    return {};
}

std::string bring_up_loopback() {
    const int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    ifreq request{};
    std::strcpy(request.ifr_name, "lo");
    request.ifr_flags = IFF_UP | IFF_RUNNING;
    const bool up = ::ioctl(fd, SIOCSIFFLAGS, &request) == 0;
    const std::string failure = up ? std::string() : why("cannot bring up loopback");
    ::close(fd);
    return failure;
}

std::string try_tun() {
    const int fd = ::open("/dev/net/tun", O_RDWR | O_CLOEXEC);
    if (fd < 0) return why("/dev/net/tun");
    ifreq request{};
    std::strcpy(request.ifr_name, "probe0");
    request.ifr_flags = IFF_TUN | IFF_NO_PI;
    const bool made = ::ioctl(fd, TUNSETIFF, &request) == 0;
    const std::string failure = made ? std::string() : why("cannot make a TUN device");
    ::close(fd);
    return failure;
}

}  // namespace

std::string enter_private_namespaces() {
    if (::geteuid() != 0) {
        if (auto failure = become_root_of_a_user_namespace(); !failure.empty()) return failure;
    }
    if (::unshare(CLONE_NEWNET | CLONE_NEWNS) != 0)
        return why("no network and mount namespaces of our own");
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
        return why("cannot make the mounts private");
    if (::mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777") != 0)
        return why("cannot mount a /dev/shm of our own");
    if (auto failure = bring_up_loopback(); !failure.empty()) return failure;
    return try_tun();
}

void allow_ping_sockets(bool allowed) {
    if (!write_text("/proc/sys/net/ipv4/ping_group_range", allowed ? "0 2147483647" : "1 0"))
        throw std::runtime_error(why("net.ipv4.ping_group_range"));
}

}  // namespace wanctl::test
