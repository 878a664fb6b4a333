#include "tests/support/hosts_file.hpp"

#include <sys/mount.h>

#include <stdexcept>

namespace wanctl::test {

HostsFile::HostsFile() {
    write("");
    if (mount(files_.file("hosts").c_str(), "/etc/hosts", nullptr, MS_BIND, nullptr) != 0) {
        throw std::runtime_error("cannot bind a hosts file of our own");
    }
}

HostsFile::~HostsFile() {
    umount("/etc/hosts");
}

}  // namespace wanctl::test
