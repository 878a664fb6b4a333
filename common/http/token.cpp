#include "common/http/token.hpp"

#include <algorithm>
#include <cstddef>

namespace wanctl::http {

namespace {

constexpr std::string_view kScheme = "bearer ";

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

}  // namespace

bool shows_token(std::string_view authorization, std::string_view token) {
    if (authorization.size() < kScheme.size() ||
        !std::equal(kScheme.begin(), kScheme.end(), authorization.begin(),
                    [](char a, char b) { return a == lower(b); })) {
        return false;
    }
    std::string_view shown = authorization.substr(kScheme.size());
    while (!shown.empty() && shown.front() == ' ') shown.remove_prefix(1);
    // Every letter of what is shown is looked at, whatever those before were; volatile keeps the
    // compiler from stopping early.
    volatile unsigned char differ = shown.size() == token.size() && !token.empty() ? 0 : 1;
    for (std::size_t i = 0; i < shown.size(); ++i) {
        const char expected = token.empty() ? '\0' : token[i % token.size()];
        differ = static_cast<unsigned char>(
            differ | (static_cast<unsigned char>(shown[i]) ^ static_cast<unsigned char>(expected)));
    }
    return differ == 0;
}

}  // namespace wanctl::http
