#include "common/transfer/easy_handle.hpp"

#include <stdexcept>
#include <utility>

#include <fmt/format.h>

namespace wanctl::transfer {

EasyHandle::EasyHandle(boost::asio::io_context& io, const Clock& clock, Finished finished)
    : finished_(std::move(finished)),
      loop_(io, clock,
            [this](int code) {
                busy_ = false;
                finished_(static_cast<CURLcode>(code));
            }),
      easy_(curl_easy_init()) {
    if (easy_ == nullptr) throw std::runtime_error("curl_easy_init failed");
}

EasyHandle::~EasyHandle() {
    if (busy_) loop_.cancel(easy_);
    curl_easy_cleanup(easy_);
}

void EasyHandle::start() {
    busy_ = true;
    loop_.start(easy_);
}

void EasyHandle::refuse(CURLoption option) {
    throw std::runtime_error(
        fmt::format("this libcurl refuses option {}", static_cast<int>(option)));
}

}  // namespace wanctl::transfer
