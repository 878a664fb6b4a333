#include "tests/support/http_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdlib>
#include <stdexcept>

namespace wanctl::test {

namespace {

using std::chrono::steady_clock;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

}  // namespace

HttpClient::HttpClient(std::uint16_t port)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const sockaddr_in address = loopback(port);
    if (::connect(get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("nobody listens at port " + std::to_string(port));
}

HttpClient::HttpClient(const std::string& path)
    : socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (::connect(get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
        throw std::runtime_error("nobody listens at " + path);
}

bool HttpClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

bool HttpClient::read_more(steady_clock::time_point end) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - steady_clock::now());
    pollfd ready{get(), POLLIN, 0};
    if (at_end_ || left.count() <= 0 || ::poll(&ready, 1, static_cast<int>(left.count())) <= 0)
        return false;
    char buffer[65536];
    const ssize_t got = ::recv(get(), buffer, sizeof buffer, 0);
    at_end_ = got <= 0;
    if (got > 0) pending_.append(buffer, static_cast<std::size_t>(got));
    return got > 0;
}

std::optional<HttpAnswer> HttpClient::answer(bool body, std::chrono::milliseconds deadline) {
    const auto end = steady_clock::now() + deadline;
    std::size_t head = 0;
    while ((head = pending_.find("\r\n\r\n")) == std::string::npos)
        if (!read_more(end)) return std::nullopt;
    HttpAnswer out;
    out.head = pending_.substr(0, head + 4);
    pending_.erase(0, head + 4);
    if (out.head.rfind("HTTP/1.", 0) != 0) return std::nullopt;
    out.status = std::atoi(out.head.c_str() + 9);
    const std::string kLength = "Content-Length: ";
    const std::size_t at = out.head.find(kLength);
    const std::size_t length = at == std::string::npos || !body
                                   ? 0
                                   : std::strtoul(&out.head[at + kLength.size()], nullptr, 10);
    while (pending_.size() < length)
        if (!read_more(end)) return std::nullopt;
    out.body = pending_.substr(0, length);
    pending_.erase(0, length);
    return out;
}

bool HttpClient::ended(std::chrono::milliseconds deadline) {
    const auto end = steady_clock::now() + deadline;
    while (read_more(end)) pending_.clear();
    return at_end_;
}

HttpAnswer http_get(std::uint16_t port, const std::string& path, const std::string& more_fields) {
    try {
        HttpClient client(port);
        client.send(http_request(path, more_fields));
        return client.answer().value_or(HttpAnswer{});
    } catch (const std::runtime_error&) {
        return {};
    }
}

std::uint16_t free_port() {
    const Fd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), size) != 0 ||
        ::getsockname(socket.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
        throw std::runtime_error("no free port");
    }
    return ntohs(address.sin_port);
}

}  // namespace wanctl::test
