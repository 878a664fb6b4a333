#include "common/loop/notice_socket.hpp"

#include <cerrno>
#include <cstddef>

namespace wanctl {

NoticeSocket::NoticeSocket(std::string_view address) {
    if (address.size() < 2 || address.size() >= sizeof(to_.sun_path)) return;
    if (address.front() != '/' && address.front() != '@') return;
    to_.sun_family = AF_UNIX;
    address.copy(to_.sun_path, address.size());
    to_size_ = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address.size());
    if (address.front() == '@')
        to_.sun_path[0] = '\0';
    else
        ++to_size_;
    socket_ = Fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

bool NoticeSocket::deliver(std::string_view notice) const {
    if (!socket_) return true;
    const auto sent = ::sendto(socket_.get(), notice.data(), notice.size(), MSG_NOSIGNAL,
                               reinterpret_cast<const sockaddr*>(&to_), to_size_);
    return sent >= 0 || (errno != EAGAIN && errno != EINTR && errno != ENOBUFS);
}

}  // namespace wanctl
