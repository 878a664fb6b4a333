// The name in a URL into addresses, so that curl never asks for one itself. Blocks: for the helper
// thread.
#pragma once

#include <string>

#include "common/error.hpp"

namespace wanctl::transfer {

// What CURLOPT_RESOLVE takes, "host:port:address,address"; empty when the host is an address. The
// error never quotes the URL, which may be a secret: not an http(s) URL (invalid_input), or a name
// that nobody knows (not_found).
[[nodiscard]] Result<std::string> resolve_entry(const std::string& url);

}  // namespace wanctl::transfer
