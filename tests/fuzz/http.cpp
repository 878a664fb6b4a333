// Whatever a reader of the HTTP interface sends, its connection ends, what comes back is HTTP, and
// no page is asked by who does not show the token.
//
// The first byte's lowest bit says whether a token is needed; the rest is what the reader sends
// before it closes its side. The session wants a socket, so each input costs a pair of them.
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

#include <boost/asio/io_context.hpp>

#include "common/http/session.hpp"
#include "tests/fuzz/target.hpp"

namespace {

using namespace wanctl;
using wanctl::fuzz::require;

constexpr std::string_view kToken = "t0ken";

// All that comes until the other side closes.
std::string all_from(int socket) {
    std::string out;
    char buffer[65536];
    for (ssize_t got = 0; (got = ::recv(socket, buffer, sizeof buffer, MSG_DONTWAIT)) > 0;)
        out.append(buffer, static_cast<std::size_t>(got));
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view sent(reinterpret_cast<const char*>(data) + 1, size - 1);
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0) return 0;
    const Fd reader(ends[0]);
    const auto shared = std::make_shared<http::Shared>();
    if ((data[0] & 1U) != 0) shared->token = kToken;
    std::size_t asked = 0;
    shared->respond = [&asked](const http::Request& request, const http::Reply& reply) {
        ++asked;
        require(!request.path.empty() && request.path.front() == '/', "a path begins with a slash");
        reply({200, "text/plain", http::query_value(request.query, "a")});
    };
    // As much as the kernel takes: the rest is of no reader who waits for an answer.
    require(::send(reader.get(), sent.data(), sent.size(), MSG_NOSIGNAL) >= -1, "it is sent");
    ::shutdown(reader.get(), SHUT_WR);

    boost::asio::io_context loop(1);
    http::start_session(loop, Fd(ends[1]), shared);
    loop.run();
    const std::string answer = all_from(reader.get());
    require(shared->counters.open == 0, "every connection ends");
    require(shared->counters.timed_out == 0, "and not because of its time");
    require(answer.empty() || answer.substr(0, 7) == "HTTP/1.", "what comes back is HTTP");
    require(asked == 0 || shared->token.empty() || sent.find(kToken) != std::string_view::npos,
            "who does not show the token asks no page");
    return 0;
}
