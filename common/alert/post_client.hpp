// Sends one POST at a time to a URL that nobody may see, on the event loop.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>

#include "common/alert/outbox.hpp"
#include "common/alert/post.hpp"
#include "common/clock.hpp"

namespace wanctl::alert {

// Where to: the URL and what transfer::resolve_entry() made of it.
struct Target {
    std::string url;
    std::string resolve;
};

struct PostResult {
    Attempt attempt;
    int status = 0;    // 0: no answer
    std::string text;  // what happened, in words that hold nothing of the URL
    Nanos took{};
};

// The connection ends with the answer, of which nothing but the status is looked at. The URL is
// with curl while the request is under way, and nowhere afterwards.
class PostClient {
  public:
    static constexpr std::chrono::milliseconds kConnectTimeout{5000};
    static constexpr std::chrono::milliseconds kTimeout{10'000};

    // Called from the loop, or before start() returns; may not destroy the client.
    using Done = std::function<void(const PostResult& result)>;

    // An empty `ca_file` stands for the system's certificates.
    PostClient(boost::asio::io_context& loop, const Clock& clock, const std::string& ca_file,
               Done done);
    ~PostClient();
    PostClient(const PostClient&) = delete;
    PostClient& operator=(const PostClient&) = delete;

    // Only while none is under way.
    void start(const Target& target, Post post);

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace wanctl::alert
