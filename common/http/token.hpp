// The bearer token of the HTTP interface.
#pragma once

#include <string_view>

namespace wanctl::http {

// Whether an Authorization header shows the token. Takes the same time for every wrong token of the
// same length, so guessing letter by letter gains nothing.
[[nodiscard]] bool shows_token(std::string_view authorization, std::string_view token);

}  // namespace wanctl::http
