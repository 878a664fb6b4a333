#include "tests/support/notify_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <sstream>
#include <system_error>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/fd.hpp"

namespace wanctl::test {

NotifySocket::NotifySocket(const std::string& abstract_name)
    : path_(abstract_name.empty() ? dir_.file("notify") : "@" + abstract_name),
      fd_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    address_.sun_family = AF_UNIX;
    path_.copy(address_.sun_path, sizeof(address_.sun_path) - 1);
    if (!abstract_name.empty()) address_.sun_path[0] = '\0';
    address_size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path_.size());
    if (::bind(fd_, reinterpret_cast<const sockaddr*>(&address_), address_size_) != 0)
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

void NotifySocket::fill() {
    const Fd other(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const std::string word = "FILL=1";
    while (::sendto(other.get(), word.data(), word.size(), 0,
                    reinterpret_cast<const sockaddr*>(&address_), address_size_) > 0) {
    }
    if (errno != EAGAIN) throw std::system_error(errno, std::generic_category(), path_);
}

std::size_t NotifySocket::count(const std::string& assignment) {
    const auto& all = heard();
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), assignment));
}

}  // namespace wanctl::test
