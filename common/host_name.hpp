// What may be a host's name where an address is allowed as well.
#pragma once

#include <algorithm>
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

}  // namespace wanctl
