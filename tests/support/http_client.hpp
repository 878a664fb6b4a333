// A reader of the HTTP interface that may misbehave: it sends any bytes and reads as it likes.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "common/fd.hpp"
#include "tests/support/wait_until.hpp"

namespace wanctl::test {

struct HttpAnswer {
    int status = 0;
    std::string head;  // with its last empty line
    std::string body;
};

class HttpClient {
  public:
    // On 127.0.0.1. Throws when nobody listens.
    explicit HttpClient(std::uint16_t port);
    // At a Unix socket's path. Throws when nobody listens.
    explicit HttpClient(const std::string& path);

    // False when the other side has closed.
    bool send(std::string_view bytes);
    // The next answer, by its Content-Length; nothing when the connection ends or the deadline
    // passes before. `body` false: of a HEAD request.
    std::optional<HttpAnswer> answer(bool body = true,
                                     std::chrono::milliseconds deadline = kPatience);
    // Whether the other side ends the connection; what it says before is dropped.
    bool ended(std::chrono::milliseconds deadline = kPatience);

    [[nodiscard]] int get() const { return socket_.get(); }

  private:
    // False at the deadline and at the end.
    bool read_more(std::chrono::steady_clock::time_point end);

    Fd socket_;
    std::string pending_;
    bool at_end_ = false;
};

// GET of a path over a connection of its own; status 0 when there is none.
[[nodiscard]] HttpAnswer http_get(std::uint16_t port, const std::string& path,
                                  const std::string& more_fields = {});
[[nodiscard]] inline std::string http_request(const std::string& path,
                                              const std::string& more_fields = {}) {
    return "GET " + path + " HTTP/1.1\r\nHost: wanctl\r\n" + more_fields + "\r\n";
}

// A port of 127.0.0.1 that nobody listens at now.
[[nodiscard]] std::uint16_t free_port();

}  // namespace wanctl::test
