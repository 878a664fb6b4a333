// One curl handle and the loop that carries its transfers. Brings in curl.h: for .cpp files only.
#pragma once

#include <functional>

#include <curl/curl.h>
#include <boost/asio/io_context.hpp>

#include "common/clock.hpp"
#include "common/transfer/curl_loop.hpp"

namespace wanctl::transfer {

// One transfer after another, each with what is set by then. Whatever pointers are set for curl to
// read (but a text, which it copies unless it is a POST's body) outlive this.
class EasyHandle {
  public:
    // May start the next transfer, may not destroy this.
    using Finished = std::function<void(CURLcode code)>;

    // Throws std::runtime_error when curl refuses.
    EasyHandle(boost::asio::io_context& io, const Clock& clock, Finished finished);
    // A transfer under way ends without a report.
    ~EasyHandle();
    EasyHandle(const EasyHandle&) = delete;
    EasyHandle& operator=(const EasyHandle&) = delete;

    // Throws std::runtime_error when this libcurl does not know the option.
    template <typename Value>
    void set(CURLoption option, Value value) {
        if (curl_easy_setopt(easy_, option, value) != CURLE_OK) refuse(option);
    }

    // A zero where curl does not know.
    template <typename Value>
    [[nodiscard]] Value info(CURLINFO what) const {
        Value value{};
        curl_easy_getinfo(easy_, what, &value);
        return value;
    }

    // Only while not busy(), which is over when `finished` is called.
    void start();
    [[nodiscard]] bool busy() const { return busy_; }

    // For watching the kept connection between transfers.
    [[nodiscard]] CurlLoop& loop() { return loop_; }

  private:
    [[noreturn]] static void refuse(CURLoption option);

    Finished finished_;
    bool busy_ = false;
    CurlLoop loop_;
    CURL* easy_;
};

}  // namespace wanctl::transfer
