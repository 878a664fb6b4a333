#include "common/config/config_error.hpp"

#include <fmt/format.h>

#include "common/printable.hpp"

namespace wanctl {

std::string ConfigError::text() const {
    std::string out = printable(file);
    if (at.line != 0) out += fmt::format(":{}:{}", at.line, at.column);
    out += ": ";
    if (!key.empty()) out += printable(key) + ": ";
    return out + printable(message);
}

}  // namespace wanctl
