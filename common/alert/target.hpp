// Where a sink's messages go, read anew each time: the URL's file and its host's addresses.
#pragma once

#include <optional>
#include <string>

#include "common/alert/post_client.hpp"
#include "common/error.hpp"

namespace wanctl::alert {

// Blocks on the file and the name: for the helper thread. Messages name the file, never the URL.
[[nodiscard]] Result<Target> read_target(const std::string& url_file);

// Set when others may read the URL's file, or when it leads over http: a line for the log.
[[nodiscard]] std::optional<std::string> target_warning(const std::string& url_file,
                                                        const Target& target);

}  // namespace wanctl::alert
