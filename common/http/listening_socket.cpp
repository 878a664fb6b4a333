#include "common/http/listening_socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstddef>
#include <system_error>

#include <fmt/format.h>

#include "common/printable.hpp"

namespace wanctl::http {

namespace {

constexpr int kBacklog = 64;
constexpr mode_t kMode = 0660;

tl::unexpected<Error> failure(const std::string& place, int code) {
    const ErrorKind kind = code == EADDRINUSE                ? ErrorKind::busy
                           : code == EACCES || code == EPERM ? ErrorKind::permission
                                                             : ErrorKind::system;
    return fail(
        kind, fmt::format("{}: {}", printable(place), std::generic_category().message(code)), code);
}

struct Address {
    sockaddr_storage bytes{};
    socklen_t size = 0;
};

// The text's shape is the configuration's business; what still does not fit has no family.
Address address_of(const std::string& listen) {
    Address out;
    const std::size_t colon = listen.rfind(':');
    if (colon == std::string::npos) return out;
    std::string host = listen.substr(0, colon);
    const auto port =
        htons(static_cast<std::uint16_t>(std::strtoul(&listen[colon + 1], nullptr, 10)));
    auto* v4 = reinterpret_cast<sockaddr_in*>(&out.bytes);
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&out.bytes);
    if (inet_pton(AF_INET, host.c_str(), &v4->sin_addr) == 1) {
        v4->sin_family = AF_INET;
        v4->sin_port = port;
        out.size = sizeof *v4;
        return out;
    }
    if (host.size() > 2) host = host.substr(1, host.size() - 2);
    if (inet_pton(AF_INET6, host.c_str(), &v6->sin6_addr) == 1) {
        v6->sin6_family = AF_INET6;
        v6->sin6_port = port;
        out.size = sizeof *v6;
    }
    return out;
}

Fd new_socket(int family) {
    return Fd(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

// 0 when there is nothing at the path any more; EADDRINUSE when somebody listens there.
int make_room(const sockaddr_un& address, socklen_t size) {
    struct stat status {};
    if (::lstat(address.sun_path, &status) != 0) return errno == ENOENT ? 0 : errno;
    if (!S_ISSOCK(status.st_mode)) return ENOTSOCK;
    const Fd probe = new_socket(AF_UNIX);
    if (!probe) return errno;
    const int answer = ::connect(probe.get(), reinterpret_cast<const sockaddr*>(&address), size);
    if (answer == 0 || errno == EAGAIN) return EADDRINUSE;
    if (errno != ECONNREFUSED) return errno;
    return ::unlink(address.sun_path) == 0 || errno == ENOENT ? 0 : errno;
}

}  // namespace

Result<ListeningSocket> ListeningSocket::at_address(const std::string& listen) {
    const Address address = address_of(listen);
    if (address.size == 0) return failure(listen, EINVAL);
    Fd socket = new_socket(address.bytes.ss_family);
    if (!socket) return failure(listen, errno);
    // A restart does not wait for the connections of the process before.
    const int on = 1;
    ::setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    // An answer is written in one go; nothing is gained by holding its end back.
    ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (address.bytes.ss_family == AF_INET6)
        ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address.bytes), address.size) !=
            0 ||
        ::listen(socket.get(), kBacklog) != 0) {
        return failure(listen, errno);
    }
    return ListeningSocket(std::move(socket));
}

Result<ListeningSocket> ListeningSocket::at_path(const std::string& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return failure(path, ENAMETOOLONG);
    path.copy(address.sun_path, path.size());
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
    if (const int code = make_room(address, size); code != 0) return failure(path, code);
    Fd socket = new_socket(AF_UNIX);
    if (!socket) return failure(path, errno);
    // The file is made with the mode the socket has, so at no moment may others connect.
    ::fchmod(socket.get(), kMode);
    struct stat status {};
    if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), size) != 0 ||
        ::lstat(address.sun_path, &status) != 0) {
        return failure(path, errno);
    }
    ListeningSocket out(std::move(socket));
    out.path_ = path;
    out.device_ = status.st_dev;
    out.inode_ = status.st_ino;
    // What the process's file mask took away.
    if (::chmod(address.sun_path, kMode) != 0 || ::listen(out.get(), kBacklog) != 0)
        return failure(path, errno);
    return out;
}

ListeningSocket::~ListeningSocket() {
    struct stat status {};
    if (!socket_ || path_.empty() || ::lstat(path_.c_str(), &status) != 0) return;
    if (status.st_dev == device_ && status.st_ino == inode_) ::unlink(path_.c_str());
}

Result<Fd> ListeningSocket::accept() const {
    Fd connection(::accept4(socket_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (!connection) return fail(ErrorKind::system, std::generic_category().message(errno), errno);
    return connection;
}

}  // namespace wanctl::http
