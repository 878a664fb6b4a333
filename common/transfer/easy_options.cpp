#include "common/transfer/easy_options.hpp"

#include <stdexcept>

#include <curl/curl.h>
#include <fmt/format.h>

namespace wanctl::transfer {

namespace {

template <typename Value>
void set(CURL* easy, CURLoption option, Value value) {
    if (curl_easy_setopt(easy, option, value) != CURLE_OK)
        throw std::runtime_error(
            fmt::format("this libcurl refuses option {}", static_cast<int>(option)));
}

// Where the system has a directory of certificates by hash, the bundle (all of them, parsed
// into memory) is not needed beside it.
void use_system_certificates(CURL* easy) {
    char* directory = nullptr;
#if LIBCURL_VERSION_NUM >= 0x075400
    curl_easy_getinfo(easy, CURLINFO_CAPATH, &directory);
#endif
    if (directory != nullptr) set(easy, CURLOPT_CAINFO, static_cast<const char*>(nullptr));
}

}  // namespace

void set_limits(void* easy, const Patience& patience) {
    set(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    set(easy, CURLOPT_PROXY, "");
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_FOLLOWLOCATION, 0L);
    set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
#if LIBCURL_VERSION_NUM >= 0x075500
    set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
#else
    set(easy, CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(patience.connect.count()));
    set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(patience.request.count()));
}

void set_trust(void* easy, const Trust& trust) {
    set(easy, CURLOPT_SSL_ENABLE_ALPN, 0L);
    const bool pinned = !trust.pinned_public_key.empty();
    const bool check = trust.verify && !pinned;
    set(easy, CURLOPT_SSL_VERIFYPEER, check ? 1L : 0L);
    set(easy, CURLOPT_SSL_VERIFYHOST, check ? 2L : 0L);
    if (pinned) set(easy, CURLOPT_PINNEDPUBLICKEY, trust.pinned_public_key.c_str());
    if (check && trust.ca_file.empty()) return use_system_certificates(easy);
    set(easy, CURLOPT_CAPATH, static_cast<const char*>(nullptr));
    set(easy, CURLOPT_CAINFO, check ? trust.ca_file.c_str() : static_cast<const char*>(nullptr));
}

}  // namespace wanctl::transfer
