// From where a secret is kept to the secret itself, at start and at reload.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/config/autorate_config.hpp"
#include "common/error.hpp"

namespace wanctl {

// The first line of the file or systemd credential, or the environment variable. An empty secret is
// an error, and so is SecretRef::Source::none. Messages name the place, never the secret.
// `what` it is, for messages.
[[nodiscard]] Result<std::string> resolve_secret(const SecretRef& ref,
                                                 std::string_view what = "password");

// Set when others than its owner may read a secret's file: a line for the log.
[[nodiscard]] std::optional<std::string> secret_warning(const SecretRef& ref,
                                                        std::string_view what = "password");

}  // namespace wanctl
