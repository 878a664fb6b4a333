#include "common/config/config_error.hpp"

#include <fmt/format.h>

#include "common/printable.hpp"

namespace wanctl {

std::string without_url(std::string_view name) {
    std::size_t at = name.find("://");
    if (at == std::string_view::npos) return std::string(name);
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
    while (at > 0 && is_letter(name[at - 1])) --at;
    return fmt::format("{}(a URL, not shown)", name.substr(0, at));
}

std::string ConfigError::text() const {
    std::string out = printable(file);
    if (at.line != 0) out += fmt::format(":{}:{}", at.line, at.column);
    out += ": ";
    if (!key.empty()) out += printable(without_url(key)) + ": ";
    return out + printable(message);
}

}  // namespace wanctl
