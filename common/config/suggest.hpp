// The nearest known name to one that is not known.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "common/config/keys.hpp"

namespace wanctl::config {

// Insertions, deletions, substitutions and swaps of neighbours that turn one word into the other.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

// What the writer of `key` in `section` may have meant: the nearest key of that section, else the
// nearest of another section ("[baseline] initial_ms"); empty if nothing is near.
[[nodiscard]] std::string nearest_key(const KeyTable& table, const SectionSpec& section,
                                      std::string_view key);

// The same for a section's name; "[router]", or empty.
[[nodiscard]] std::string nearest_section(const KeyTable& table, std::string_view name);

}  // namespace wanctl::config
