#include "common/config/checked_file.hpp"

#include <random>

#include "tests/unit/config/sample.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

constexpr config::KeySpec kDecide[] = {
    {.key = "hold_s",
     .type = config::KeyType::number,
     .value = "30.0",
     .unit = "s",
     .min = 0,
     .max = 600,
     .about = "how long a decision stands"},
};
constexpr config::SectionSpec kTop{"", config::SectionKind::table, "", {}};
constexpr config::SectionSpec kDecideSection{"decide", config::SectionKind::table, "", kDecide};
constexpr const config::SectionSpec* kSections[] = {&kTop, &kDecideSection, &config::kLogSection};
constexpr config::KeyTable kOther{"another kind of file", kSections};

}  // namespace

TEST_CASE("another kind of file is checked by a table of its own beside the shared sections") {
    const config::CheckedFile fine =
        check_file(kOther, "[decide]\nhold_s = 5\n[log]\nformat = \"json\"\n", "o.toml");
    CHECK(fine.errors.empty());
    CHECK(fine.section("decide").number("hold_s") == 5.0);
    CHECK(fine.section("log").text("format") == "json");
    CHECK(fine.section("log").text("level") == "info");
    const config::CheckedFile wrong =
        check_file(kOther, "[decide]\nhold = 5\n[download]\n", "o.toml");
    CHECK(messages(wrong.errors) ==
          "o.toml:2:1: decide.hold: unknown key, did you mean hold_s?\n"
          "o.toml:3:2: download: unknown section, see --print-config-reference\n");
}

TEST_CASE("asking for a key that the table does not have is a programming fault") {
    const config::CheckedFile file = check_file(kOther, "", "o.toml");
    CHECK_THROWS_AS(file.section("decide").number("hold_ms"), std::logic_error);
    CHECK_THROWS_AS(file.section("decide").text("hold_s"), std::logic_error);
    CHECK_THROWS_AS(file.section("upload"), std::logic_error);
}

TEST_CASE("a damaged file gives a configuration or errors with a place, never anything else") {
    std::mt19937 random(20261121);
    const auto below = [&](std::size_t end) { return static_cast<std::size_t>(random() % end); };
    for (int round = 0; round < 3000; ++round) {
        std::string text = kSample;
        for (std::size_t damage = 0; damage <= below(4); ++damage) {
            const std::size_t at = below(text.size());
            const std::size_t length = 1 + below(12);
            switch (below(4)) {
                case 0:
                    text[at] = static_cast<char>(random() & 0xffU);
                    break;
                case 1:
                    text.erase(at, length);
                    break;
                case 2:
                    text.insert(at, text.substr(below(text.size()), length));
                    break;
                default:
                    text.insert(at, 1, "[]{}=\"'#\n.,-1"[below(13)]);
            }
        }
        const ParsedAutorate result = parse_autorate(text, "f.toml");
        if (result) continue;
        CHECK_FALSE(result.error().empty());
        for (const ConfigError& error : result.error()) {
            INFO(text << "\n" << error.text());
            const bool placed = error.at.line >= 1 && error.at.column >= 1;
            CHECK(placed);
            CHECK(error.text().find('\n') == std::string::npos);
        }
    }
}
