#include <algorithm>
#include <string>

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>

#include "common/config/rules.hpp"
#include "common/host_name.hpp"

namespace wanctl::config {

namespace {

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_upper(char c) {
    return c >= 'A' && c <= 'Z';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_alnum(char c) {
    return is_lower(c) || is_upper(c) || is_digit(c);
}

bool is_port(std::string_view text) {
    if (text.empty() || text.size() > 5 || !std::all_of(text.begin(), text.end(), is_digit)) {
        return false;
    }
    const int port = std::stoi(std::string(text));
    return port >= 1 && port <= 65535;
}

bool is_host_name(std::string_view text) {
    return !text.empty() && text.size() <= 253 && text.front() != '.' && text.front() != '-' &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return is_alnum(c) || c == '.' || c == '-' || c == '_'; });
}

bool is_ipv6(std::string_view text) {
    in6_addr address{};
    return inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

}  // namespace

bool is_wan_name(std::string_view text) {
    return !text.empty() && text.size() <= 31 && text != "steering" &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return is_lower(c) || is_digit(c) || c == '_' || c == '-'; });
}

bool is_router_url(std::string_view text) {
    std::string_view rest;
    for (const std::string_view scheme : {"https://", "http://"}) {
        if (text.substr(0, scheme.size()) == scheme) rest = text.substr(scheme.size());
    }
    if (rest.empty()) return false;
    std::string_view port;
    if (rest.front() == '[') {
        const std::size_t end = rest.find(']');
        if (end == std::string_view::npos || !is_ipv6(rest.substr(1, end - 1))) return false;
        port = rest.substr(end + 1);
    } else {
        const std::size_t colon = rest.find(':');
        if (!is_host_name(rest.substr(0, colon))) return false;
        port = colon == std::string_view::npos ? std::string_view() : rest.substr(colon);
    }
    return port.empty() || (port.front() == ':' && is_port(port.substr(1)));
}

bool is_ipv4_host(const std::string& text) {
    in_addr address{};
    // inet_pton stops at a NUL byte that TOML's text may hold.
    if (text.find('\0') != std::string::npos) return false;
    if (inet_pton(AF_INET, text.c_str(), &address) != 1) return false;
    const std::uint32_t first = ntohl(address.s_addr) >> 24U;
    return first != 0 && first < 224;
}

bool is_ipv6_host(const std::string& text) {
    in6_addr address{};
    if (text.find('\0') != std::string::npos) return false;
    if (inet_pton(AF_INET6, text.c_str(), &address) != 1) return false;
    return !IN6_IS_ADDR_UNSPECIFIED(&address) && !IN6_IS_ADDR_MULTICAST(&address) &&
           !IN6_IS_ADDR_LINKLOCAL(&address) && !IN6_IS_ADDR_V4MAPPED(&address);
}

bool is_host(const std::string& text) {
    return is_ipv4_host(text) || is_ipv6_host(text) || is_name_of_host(text);
}

bool is_host_port(const std::string& text) {
    const auto parts = split_host_port(text);
    return parts && is_host(std::string(parts->host));
}

bool is_absolute_path(std::string_view text) {
    return !text.empty() && text.front() == '/' && text.find('\0') == std::string_view::npos;
}

bool is_environment_name(std::string_view text) {
    return !text.empty() && !is_digit(text.front()) &&
           std::all_of(text.begin(), text.end(), [](char c) { return is_alnum(c) || c == '_'; });
}

bool is_credential_name(std::string_view text) {
    return !text.empty() && text.front() != '.' &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return is_alnum(c) || c == '_' || c == '-' || c == '.'; });
}

bool is_pinned_key(std::string_view text) {
    constexpr std::string_view kPrefix = "sha256//";
    constexpr std::size_t kBase64OfSha256 = 44;
    if (text.substr(0, kPrefix.size()) != kPrefix) return false;
    const std::string_view key = text.substr(kPrefix.size());
    return key.size() == kBase64OfSha256 && key.back() == '=' &&
           std::all_of(key.begin(), key.end() - 1,
                       [](char c) { return is_alnum(c) || c == '+' || c == '/'; });
}

bool is_interface_name(std::string_view text) {
    return !text.empty() && text.size() < IFNAMSIZ &&
           std::all_of(text.begin(), text.end(),
                       [](char c) { return c > ' ' && c < 0x7f && c != '/' && c != ':'; });
}

}  // namespace wanctl::config
