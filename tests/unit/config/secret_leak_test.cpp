#include <random>

#include <fmt/format.h>

#include "tests/unit/config/sample.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

std::string random_token() {
    constexpr std::string_view kLetters =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    std::random_device seed;
    std::mt19937 engine(seed());
    std::string token;
    for (int i = 0; i < 24; ++i) token += kLetters[engine() % kLetters.size()];
    return token;
}

// Any eight characters in a row give a secret away.
bool leaks(const std::string& text, const std::string& token) {
    for (std::size_t i = 0; i + 8 <= token.size(); ++i) {
        if (text.find(token.substr(i, 8)) != std::string::npos) return true;
    }
    return false;
}

}  // namespace

TEST_CASE("a literal password is refused with the three ways, and its value is never shown") {
    const std::string token = random_token();
    const std::string errors =
        errors_of(replaced(kSample, "password_env = \"PW\"", "password = \"" + token + "\""));
    CHECK(errors ==
          "f.toml:5:1: router.password: a literal password is refused (its value is not shown), "
          "allowed: password_file = \"/path\", password_env = \"NAME\" or credential = \"NAME\" "
          "(systemd)\n");
    const std::string stats = errors_of(
        replaced(kSample, "user = \"wanctl\"",
                 "user = \"wanctl\"\nstats_user = \"s\"\nstats_password = \"" + token + "\""));
    CHECK(stats.find("f.toml:6:1: router.stats_password: a literal password is refused") == 0);
    CHECK(std::count(stats.begin(), stats.end(), '\n') == 1);
    CHECK_FALSE(leaks(stats, token));
}

TEST_CASE("no message shows a secret, whatever is wrong on or around its line") {
    const std::string token = random_token();
    const std::vector<std::string> lines{
        "password = \"{}\"",
        "password = '{}'",
        "password = {}",
        "password = 12{}",
        "password = 0x{}",
        "password = \"{}",
        "password = '{}",
        "password = \"\"\"{}",
        "password = \"{}\" trailing",
        "password = \"a\" {}",
        "password {}",
        "password: {}",
        "password == \"{}\"",
        "password = \"\\q{}\"",
        "password = [\"{}\"",
        "password = {{ value = \"{}\" }}",
        "password = {{ value = \"{}\"",
        "password = [\"{}\"]",
        "password = \"{}\"\npassword = \"{}\"",
        "password.{} = 1",
        "'{}' = 1\n'{}' = 2",
        "{}",
        "{} = ",
        "[{}",
        "passwort = \"{}\"",
        "password_file = \"{}\"",
        "password_env = \"{}-\"",
        "credential = \"{}/\"",
        "user = \"{}\"\nuser = \"{}\"",
        "url = \"https://u:{}@host\"",
        "backend = \"{}\"",
        "verify = \"{}\"",
        "pinned_public_key = \"{}\"",
        "ca_file = \"{}\"",
        "password = {}\xff",
        "password = \"{}\xff\"",
        "password = 'it''s{}'",
        "password = true{}",
        "password = 1979-05-27{}",
        "password = +{}",
        "password = inf{}",
    };
    for (const std::string& line : lines) {
        const std::string bad = fmt::format(fmt::runtime(line), token, token);
        const std::string errors = errors_of(replaced(kSample, "password_env = \"PW\"", bad));
        INFO(line << "\n" << errors);
        CHECK_FALSE(errors.empty());
        CHECK_FALSE(leaks(errors, token));
    }
}
