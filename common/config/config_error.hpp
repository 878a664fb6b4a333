// What is wrong with a configuration file, and where.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wanctl {

// Line and column count from 1; line 0 means the file as a whole.
struct ConfigPosition {
    std::uint32_t line = 0;
    std::uint32_t column = 0;

    auto operator<=>(const ConfigPosition&) const = default;
};

// An error or a warning. `message` says what is wrong and what is allowed; it never quotes a value
// of [router] or of an unknown key, nor a URL, because that may be a secret.
struct ConfigError {
    std::string file;
    ConfigPosition at;
    std::string key;  // "section.key"; empty for the file as a whole and for syntax errors
    std::string message;

    // `file:line:column: key: message`, without the parts that do not apply, always one line.
    [[nodiscard]] std::string text() const;
};

// A name from a file as it may be shown: a URL in it may be a secret that was put where a name
// belongs.
[[nodiscard]] std::string without_url(std::string_view name);

using ConfigErrors = std::vector<ConfigError>;

}  // namespace wanctl
