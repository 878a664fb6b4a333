#include "common/transfer/resolve.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>
#include <vector>

#include <curl/curl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "common/loop/host_lookup.hpp"

namespace wanctl::transfer {

namespace {

constexpr std::size_t kMostAddresses = 8;

std::string part(CURLU* url, CURLUPart which, unsigned flags) {
    char* text = nullptr;
    if (curl_url_get(url, which, &text, flags) != CURLUE_OK) return {};
    std::string out = text;
    curl_free(text);
    return out;
}

bool is_address(const std::string& host) {
    in6_addr address{};
    return host.front() == '[' || inet_pton(AF_INET, host.c_str(), &address) == 1;
}

std::vector<std::string> look_up(const std::string& host) {
    const HostAddresses found = look_up_host(host, AF_UNSPEC);
    std::vector<std::string> addresses;
    for (const addrinfo* at = found.get(); at != nullptr; at = at->ai_next) {
        char text[NI_MAXHOST];
        if (getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof text, nullptr, 0,
                        NI_NUMERICHOST) != 0)
            continue;
        std::string address = at->ai_family == AF_INET6 ? fmt::format("[{}]", text) : text;
        const bool known =
            std::find(addresses.begin(), addresses.end(), address) != addresses.end();
        if (!known && addresses.size() < kMostAddresses) addresses.push_back(std::move(address));
    }
    return addresses;
}

}  // namespace

Result<std::string> resolve_entry(const std::string& url) {
    const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), &curl_url_cleanup);
    const bool good =
        parsed != nullptr && curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) == CURLUE_OK;
    const std::string scheme = good ? part(parsed.get(), CURLUPART_SCHEME, 0) : std::string();
    const std::string host = good ? part(parsed.get(), CURLUPART_HOST, 0) : std::string();
    const std::string port =
        good ? part(parsed.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT) : std::string();
    if ((scheme != "https" && scheme != "http") || host.empty() || port.empty()) {
        return fail(ErrorKind::invalid_input,
                    "is no URL (its value is not shown), allowed: https://host/path or "
                    "http://host/path");
    }
    if (is_address(host)) return std::string();
    const std::vector<std::string> addresses = look_up(host);
    if (addresses.empty()) {
        return fail(ErrorKind::not_found, "the host of the URL is not known (no address found)");
    }
    return fmt::format("{}:{}:{}", host, port, fmt::join(addresses, ","));
}

}  // namespace wanctl::transfer
