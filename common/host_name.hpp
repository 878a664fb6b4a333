// How hosts are written where an address is not the only way.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>

namespace wanctl {

// Letters, digits, "-", "_" and dots, with a letter in the last label, so that a mistyped address
// is no name.
[[nodiscard]] inline bool is_name_of_host(std::string_view text) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    const auto fits = [&](char c) {
        return letter(c) || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
    };
    if (text.empty() || text.size() > 253 || text.front() == '.' || text.front() == '-') {
        return false;
    }
    const std::string_view last = text.substr(text.rfind('.') + 1);
    return std::all_of(text.begin(), text.end(), fits) &&
           std::any_of(last.begin(), last.end(), letter);
}

struct HostAndPort {
    std::string_view host;  // without brackets
    std::uint16_t port = 0;
};

// "host:port" with a port of 1..65535; an IPv6 address, and nothing else, stands in brackets. What
// the host is otherwise is for the caller to judge.
[[nodiscard]] inline std::optional<HostAndPort> split_host_port(std::string_view text) {
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    std::string_view host = text.substr(0, colon);
    const std::string_view digits = text.substr(colon + 1);
    const bool brackets = host.size() > 2 && host.front() == '[' && host.back() == ']';
    if (brackets) host = host.substr(1, host.size() - 2);
    if (brackets != (host.find(':') != std::string_view::npos)) return std::nullopt;
    std::uint16_t port = 0;
    const char* end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, port);
    if (error != std::errc() || stop != end || port == 0) return std::nullopt;
    return HostAndPort{host, port};
}

}  // namespace wanctl
