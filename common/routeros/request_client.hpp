// What a router link needs of whoever carries its requests, one at a time.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "common/routeros/reply.hpp"

namespace wanctl::routeros {

enum class Method : std::uint8_t { get, post, patch };

struct Request {
    Method method = Method::get;
    std::string_view path;  // from /rest on, sent as it is: ids keep their "*"
    std::string_view body;  // JSON; for get none
    // False: only on the connection that stands. When that has ended meanwhile the request is not
    // carried to another one, and the reply is `stale`.
    bool may_connect = true;
};

inline constexpr std::size_t kRouterStates = 11;

struct RestCounters {
    std::array<std::uint64_t, kRouterStates> replies{};  // [RouterState] of the reply
    std::uint64_t requests = 0;
    std::uint64_t connections = 0;  // sockets opened
    std::uint64_t bytes_sent = 0;   // HTTP, without TLS
    std::uint64_t bytes_received = 0;
};

// One request in flight; start() only when idle(). The owner's `done` gets each reply once, later
// or, for a failure known at once, before start() returns.
class RequestClient {
  public:
    using Done = std::function<void(Reply&&)>;

    virtual ~RequestClient() = default;
    virtual void set_password(const std::string& password) = 0;
    [[nodiscard]] virtual bool idle() const = 0;
    virtual void start(const Request& request) = 0;
    // `ended` is called from the loop whenever the connection ends, or brings something nobody
    // asked for, while no request uses it. A client without connections of its own has nothing to
    // say.
    // NOLINTNEXTLINE(performance-unnecessary-value-param): whoever has connections keeps it.
    virtual void watch_idle_connection(std::function<void()> /*ended*/) {}
    [[nodiscard]] virtual const RestCounters& counters() const = 0;
    // "https://192.0.2.1 (user wanctl)": how messages name this client.
    [[nodiscard]] virtual const std::string& place() const = 0;
};

}  // namespace wanctl::routeros
