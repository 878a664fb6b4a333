#include "tests/unit/config/sample.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

Parsed<AutorateConfig> other(const std::string& text) {
    ParsedAutorate result = parse_autorate(text, "g.toml");
    INFO((result ? std::string() : messages(result.error())));
    REQUIRE(result);
    return *result;
}

std::string second() {
    return replaced(replaced(replaced(kSample, "\"cable\"", "\"dsl\""), "\"down\"", "\"d2\""),
                    "\"up\"", "\"u2\"");
}

}  // namespace

TEST_CASE("two files with names and queues of their own go together") {
    std::vector<Parsed<AutorateConfig>> files{parsed(kSample), other(second())};
    CHECK(check_set(files).empty());
}

TEST_CASE("a WAN or a queue that two files claim is an error that names both") {
    std::vector<Parsed<AutorateConfig>> files{parsed(kSample), other(kSample)};
    const std::string errors = messages(check_set(files));
    INFO(errors);
    CHECK(errors.find("g.toml:1:1: wan: \"cable\" is also the WAN of f.toml") == 0);
    CHECK(errors.find("g.toml:6:1: queues: \"down\" is also a queue of f.toml") !=
          std::string::npos);
}

TEST_CASE("a database that two files claim is an error that names both") {
    const std::string history = "[history]\nenabled = true\npath = \"/var/lib/h.db\"\n";
    std::vector<Parsed<AutorateConfig>> files{parsed(kSample + history), other(second() + history)};
    const std::string errors = messages(check_set(files));
    INFO(errors);
    CHECK(errors.find(
              "g.toml:23:1: history.path: \"/var/lib/h.db\" is also the database of f.toml") == 0);

    // By default each has one of its own.
    const std::string only = "[history]\nenabled = true\n";
    std::vector<Parsed<AutorateConfig>> defaults{parsed(kSample + only), other(second() + only)};
    CHECK(check_set(defaults).empty());
    CHECK(defaults[0].config.history.path == "/var/lib/wanctl/cable.db");
    CHECK(defaults[1].config.history.path == "/var/lib/wanctl/dsl.db");
}

TEST_CASE("the same queue names on another router are other queues") {
    const std::string elsewhere =
        replaced(replaced(kSample, "\"cable\"", "\"dsl\""), "192.168.88.1", "192.168.88.2");
    std::vector<Parsed<AutorateConfig>> files{parsed(kSample), other(elsewhere)};
    CHECK(check_set(files).empty());
}

TEST_CASE("a log section that one file sets holds for all, and two must be equal") {
    std::vector<Parsed<AutorateConfig>> once{parsed(kSample),
                                             other(second() + "[log]\nlevel = \"debug\"\n")};
    CHECK(check_set(once).empty());
    CHECK(once[0].config.log.level == LogLevel::debug);

    std::vector<Parsed<AutorateConfig>> differing{parsed(kSample + "[log]\nformat = \"json\"\n"),
                                                  other(second() + "[log]\nlevel = \"debug\"\n")};
    CHECK(messages(check_set(differing)).find("g.toml:23:1: log: differs from that of f.toml") ==
          0);
}
