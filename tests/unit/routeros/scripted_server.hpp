// A plain HTTP server on loopback that answers what the test has written down, raw, on the test's
// own loop: for replies no well-behaved router gives.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

namespace wanctl::test {

// "HTTP/1.1 STATUS", a length and the body.
std::string http_reply(int status, const std::string& body,
                       const std::string& type = "application/json");

class ScriptedServer {
  public:
    explicit ScriptedServer(boost::asio::io_context& loop);
    ~ScriptedServer();
    ScriptedServer(const ScriptedServer&) = delete;
    ScriptedServer& operator=(const ScriptedServer&) = delete;

    [[nodiscard]] std::string url() const;
    // The reply to the next request not yet provided for. `close`: end the connection after it.
    void answer(std::string raw, bool close = false);
    // From now on every request is answered by this.
    void answer_with(std::function<std::string(const std::string& request)> handler);
    [[nodiscard]] const std::vector<std::string>& requests() const;  // raw, in order of arrival
    // For tests of memory: the list above then holds nothing any more.
    void forget_requests();
    [[nodiscard]] int connections() const;
    // Arrived, but not yet read by the server, on all connections.
    [[nodiscard]] std::size_t bytes_waiting() const;
    // No longer listens; connections are reset.
    void go_away();
    void come_back();

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

// Runs the loop until the condition holds; false when it does not within the deadline.
bool run_until(boost::asio::io_context& loop, const std::function<bool()>& condition,
               std::chrono::seconds deadline = std::chrono::seconds(20));

}  // namespace wanctl::test
