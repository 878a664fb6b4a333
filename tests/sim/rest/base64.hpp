// Base64, by OpenSSL.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wanctl::sim {

[[nodiscard]] std::string base64_encoded(std::string_view bytes);
[[nodiscard]] std::optional<std::string> base64_decoded(std::string_view text);

}  // namespace wanctl::sim
