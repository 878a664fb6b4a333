#include "common/transfer/easy_options.hpp"

#include <curl/curl.h>

#include "common/transfer/easy_handle.hpp"

namespace wanctl::transfer {

namespace {

// Where the system has a directory of certificates by hash, the bundle (all of them, parsed
// into memory) is not needed beside it.
void use_system_certificates(EasyHandle& easy) {
    const char* directory = nullptr;
#if LIBCURL_VERSION_NUM >= 0x075400
    directory = easy.info<char*>(CURLINFO_CAPATH);
#endif
    if (directory != nullptr) easy.set(CURLOPT_CAINFO, static_cast<const char*>(nullptr));
}

}  // namespace

void set_limits(EasyHandle& easy, const Patience& patience) {
    easy.set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    easy.set(CURLOPT_PROXY, "");
    easy.set(CURLOPT_NOSIGNAL, 1L);
    easy.set(CURLOPT_FOLLOWLOCATION, 0L);
    easy.set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
#if LIBCURL_VERSION_NUM >= 0x075500
    easy.set(CURLOPT_PROTOCOLS_STR, "http,https");
#else
    easy.set(CURLOPT_PROTOCOLS, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
#endif
    easy.set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(patience.connect.count()));
    easy.set(CURLOPT_TIMEOUT_MS, static_cast<long>(patience.request.count()));
}

void set_trust(EasyHandle& easy, const Trust& trust) {
    easy.set(CURLOPT_SSL_ENABLE_ALPN, 0L);
    const bool pinned = !trust.pinned_public_key.empty();
    const bool check = trust.verify && !pinned;
    easy.set(CURLOPT_SSL_VERIFYPEER, check ? 1L : 0L);
    easy.set(CURLOPT_SSL_VERIFYHOST, check ? 2L : 0L);
    if (pinned) easy.set(CURLOPT_PINNEDPUBLICKEY, trust.pinned_public_key.c_str());
    if (check && trust.ca_file.empty()) return use_system_certificates(easy);
    easy.set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
    easy.set(CURLOPT_CAINFO, check ? trust.ca_file.c_str() : static_cast<const char*>(nullptr));
}

}  // namespace wanctl::transfer
