#include "tests/support/private_namespaces.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "tests/support/private_network.hpp"

namespace wanctl::test {
namespace {

std::string why(const char* what) {
    return fmt::format("{}: {}", what, std::strerror(errno));
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
    if (auto failure = enter_private_network(); !failure.empty()) return failure;
    if (::unshare(CLONE_NEWNS) != 0) return why("no mount namespace of our own");
    if (::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0)
        return why("cannot make the mounts private");
    if (::mount("tmpfs", "/dev/shm", "tmpfs", MS_NOSUID | MS_NODEV, "mode=1777") != 0)
        return why("cannot mount a /dev/shm of our own");
    return try_tun();
}

}  // namespace wanctl::test
