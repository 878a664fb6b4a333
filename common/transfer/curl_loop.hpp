// curl's multi interface driven by the event loop: curl says which sockets and which timeout, the
// loop says when. One transfer at a time.
#pragma once

#include <functional>
#include <memory>

#include <boost/asio/io_context.hpp>

#include "common/clock.hpp"

namespace wanctl::transfer {

// The sockets stay curl's: they are watched, never closed here. One thread.
class CurlLoop {
  public:
    // Gets the CURLcode; may start the next transfer, may not destroy this.
    using Finished = std::function<void(int curl_code)>;

    CurlLoop(boost::asio::io_context& loop, const Clock& clock, Finished finished);
    ~CurlLoop();
    CurlLoop(const CurlLoop&) = delete;
    CurlLoop& operator=(const CurlLoop&) = delete;

    // Begins a transfer (a CURL*). On a kept connection the request is written before this returns.
    // A failure that is known at once is reported through `finished`, before this returns as well.
    void start(void* easy);
    // Ends a transfer without a report; its connection is closed.
    void cancel(void* easy);

    // Between transfers: calls `ended` once, from the loop, when the kept connection's socket has
    // something to read, which is its end. Until the next start(), or forget_idle() before curl
    // closes the socket.
    void watch_idle(int socket, std::function<void()> ended);
    void forget_idle(int socket);

  private:
    struct Impl;
    std::shared_ptr<Impl> impl_;
};

}  // namespace wanctl::transfer
