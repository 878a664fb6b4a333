// One persistent REST connection to a RouterOS router, for one user, on the event loop.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include "common/clock.hpp"
#include "common/routeros/request_client.hpp"

namespace wanctl::routeros {

struct RestOptions {
    std::string url;  // http(s)://host[:port]; a host name is looked up in curl's own thread
    std::string user;
    std::string ca_file;            // empty: the system's certificates
    std::string pinned_public_key;  // "sha256//...": replaces the check of chain and name
    bool verify = true;
    std::chrono::milliseconds connect_timeout{3000};
    // The router ends a command at 60 s itself. A request given up earlier goes on there, and may
    // spoil the answers to the ones after it.
    std::chrono::milliseconds request_timeout{65'000};
    std::size_t max_reply_bytes = std::size_t{1} << 20;

    bool operator==(const RestOptions&) const = default;
};

// One request in flight; start() only when idle(). Nothing of the environment is used: no proxy, no
// .netrc. A dead peer is noticed by TCP within seconds; a slow one is waited for. The password is
// handed to curl with the next request, kept nowhere else and part of no message. Not to be
// destroyed from `done`.
class RestClient final : public RequestClient {
  public:
    // Throws std::runtime_error when curl cannot be set up (start-up only).
    RestClient(boost::asio::io_context& loop, const Clock& clock, RestOptions options, Done done);
    ~RestClient() override;
    RestClient(const RestClient&) = delete;
    RestClient& operator=(const RestClient&) = delete;

    void set_password(const std::string& password) override;
    [[nodiscard]] bool idle() const override;
    // On a kept connection the request is on its way when this returns. `done` gets the reply once,
    // from the loop or, for a failure known at once, before this returns.
    void start(const Request& request) override;
    void watch_idle_connection(std::function<void()> ended) override;
    [[nodiscard]] const RestCounters& counters() const override;
    // "https://192.0.2.1 (user wanctl)": how messages name this client.
    [[nodiscard]] const std::string& place() const override;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace wanctl::routeros
