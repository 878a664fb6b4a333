#include "tests/support/notify_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <sstream>
#include <system_error>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace wanctl::test {

NotifySocket::NotifySocket()
    : path_(dir_.file("notify")),
      fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof(address.sun_path) - 1);
    if (::bind(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0)
        throw std::system_error(errno, std::generic_category(), path_);
}

NotifySocket::~NotifySocket() {
    ::close(fd_);
}

const std::vector<std::string>& NotifySocket::heard() {
    char bytes[4096];
    for (;;) {
        const auto size = ::recv(fd_, bytes, sizeof(bytes), 0);
        if (size <= 0) return heard_;
        std::istringstream lines(std::string(bytes, static_cast<std::size_t>(size)));
        for (std::string line; std::getline(lines, line);) heard_.push_back(line);
    }
}

std::size_t NotifySocket::count(const std::string& assignment) {
    const auto& all = heard();
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), assignment));
}

}  // namespace wanctl::test
