// TOML text to Document values: the only place that knows the TOML library.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <tl/expected.hpp>

#include "common/config/config_error.hpp"
#include "common/config/document.hpp"

namespace wanctl::config {

// Syntax errors come back with their position and without any text of the file, save words for
// which `may_be_shown` is true: a line with a mistake in it may be the one that holds a password.
[[nodiscard]] tl::expected<Table, ConfigError> read_toml(
    std::string_view text, const std::string& file,
    const std::function<bool(std::string_view)>& may_be_shown);

// One TOML value of our own tables, e.g. `["1.1.1.1:443"]`. Throws std::logic_error if it is none.
[[nodiscard]] Value read_literal(std::string_view literal);

}  // namespace wanctl::config
