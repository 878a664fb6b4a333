// One value against its key: type, range, choice, and whether this version can do it.
#pragma once

#include <string>

#include "common/config/document.hpp"
#include "common/config/keys.hpp"

namespace wanctl::config {

// What is wrong with `value`, what is allowed; empty when it is fine. Normalises a fine value: the
// whole numbers of a `number` key become double, those within `floors` too. Quotes the value only
// when `may_quote`.
[[nodiscard]] std::string check_value(const KeySpec& spec, Value& value, bool may_quote);

// Whether two normalised values are the same.
[[nodiscard]] bool same(const Value& a, const Value& b);

// As TOML has it, without its value: "text", "a whole number".
[[nodiscard]] std::string type_name(const Value& value);

}  // namespace wanctl::config
