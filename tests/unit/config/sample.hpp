// The smallest file that parses, and ways to bend it.
#pragma once

#include <string>
#include <string_view>

#include "common/config/parse.hpp"
#include "tests/support/catch.hpp"

namespace wanctl::test {

// Line 1 is `wan`, line 2 is [router]; tests state positions in it.
inline const std::string kSample = R"(wan = "cable"
[router]
url = "https://192.168.88.1"
user = "wanctl"
password_env = "PW"
[queues]
download = "down"
upload = "up"
[probe]
reflectors = ["1.1.1.1", "8.8.8.8", "9.9.9.9"]
[baseline]
initial_ms = 25.0
[download]
ceiling_mbps = 940.0
floor_mbps = { green = 550.0, yellow = 350.0, soft_red = 275.0, red = 200.0 }
step_up_mbps = 10.0
factor_down = 0.85
[upload]
ceiling_mbps = 38.0
floor_mbps = 8.0
step_up_mbps = 1.0
factor_down = 0.90
)";

inline std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

inline std::string messages(const ConfigErrors& errors) {
    std::string out;
    for (const ConfigError& error : errors) out += error.text() + "\n";
    return out;
}

inline std::string errors_of(const std::string& text) {
    const ParsedAutorate parsed = parse_autorate(text, "f.toml");
    return parsed ? "" : messages(parsed.error());
}

inline Parsed<AutorateConfig> parsed(const std::string& text) {
    ParsedAutorate result = parse_autorate(text, "f.toml");
    INFO((result ? std::string() : messages(result.error())));
    REQUIRE(result);
    return *result;
}

}  // namespace wanctl::test
