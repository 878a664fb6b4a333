#include "common/transfer/curl_library.hpp"

#include <stdexcept>

#include <curl/curl.h>

namespace wanctl::transfer {

CurlLibrary::CurlLibrary() {
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        throw std::runtime_error("curl_global_init failed");
}

CurlLibrary::~CurlLibrary() {
    curl_global_cleanup();
}

}  // namespace wanctl::transfer
