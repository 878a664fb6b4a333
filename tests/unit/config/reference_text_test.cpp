#include "common/config/reference_text.hpp"

#include <sstream>
#include <string>
#include <utility>

#include "common/config/keys.hpp"
#include "tests/unit/config/sample.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

// Fills in what has no default: `#key = example` becomes `key = example`.
std::string filled_in(const std::string& reference) {
    std::istringstream in(reference);
    std::string out;
    for (std::string line; std::getline(in, line);) {
        if (line.size() > 1 && line[0] == '#' && line[1] != ' ') line.erase(0, 1);
        out += line + "\n";
    }
    return out;
}

}  // namespace

TEST_CASE("the printed reference is itself a file whose only errors are missing required keys") {
    const ParsedAutorate result = parse_autorate(autorate_config_reference(), "reference");
    REQUIRE_FALSE(result);
    INFO(messages(result.error()));
    CHECK(result.error().size() == 16);
    for (const ConfigError& error : result.error()) {
        CHECK(error.message.find("is required") == 0);
    }
}

TEST_CASE("the printed reference, filled in, says what the defaults say") {
    const Parsed<AutorateConfig> file = parsed(filled_in(autorate_config_reference()));
    CHECK(file.warnings.empty());
    const AutorateConfig& all = file.config;
    std::string least = replaced(kSample, "password_env = \"PW\"",
                                 "password_file = \"/etc/wanctl/router.password\"");
    least = replaced(least, "\"down\"", "\"WAN-Download-Cable\"");
    least = replaced(least, "\"up\"", "\"WAN-Upload-Cable\"");
    const AutorateConfig none = parsed(least).config;
    CHECK(all.wan == none.wan);
    CHECK(all.interval == none.interval);
    CHECK(all.router.url == none.router.url);
    CHECK(all.router.password.name == none.router.password.name);
    CHECK(all.router.request_timeout == none.router.request_timeout);
    CHECK(all.queues.name == none.queues.name);
    CHECK(all.probe.reflectors == none.probe.reflectors);
    CHECK(all.fallback.tcp_targets == none.fallback.tcp_targets);
    CHECK(all.baseline.min == none.baseline.min);
    CHECK(all.baseline.max == none.baseline.max);
    CHECK(all.thresholds.hard_red == none.thresholds.hard_red);
    CHECK(all.reference.baseline_escape == none.reference.baseline_escape);
    CHECK(all.reference.deadband == none.reference.deadband);
    for (std::size_t d = 0; d < 2; ++d) {
        CHECK(all.direction[d].ceiling == none.direction[d].ceiling);
        CHECK(all.direction[d].floor.zone == none.direction[d].floor.zone);
        CHECK(all.direction[d].factor_down == none.direction[d].factor_down);
        CHECK(all.direction[d].factor_down_yellow == none.direction[d].factor_down_yellow);
    }
    CHECK(all.write.settle == none.write.settle);
    CHECK(all.state.dir == none.state.dir);
    CHECK(all.log.level == none.log.level);
}

TEST_CASE("every key of the tables stands in its daemon's reference, with a line of text") {
    using Case = std::pair<std::string, const config::KeyTable*>;
    const auto [reference, keys] =
        GENERATE(Case{autorate_config_reference(), &config::autorate_keys()},
                 Case{steering_config_reference(), &config::steering_keys()});
    for (const config::SectionSpec* section : keys->sections) {
        for (const config::KeySpec& spec : section->keys) {
            INFO(section->name << "." << spec.key);
            CHECK_FALSE(spec.about.empty());
            if (spec.type == config::KeyType::refused) continue;
            CHECK(reference.find(std::string(spec.key) + " = " + std::string(spec.value)) !=
                  std::string::npos);
        }
    }
    CHECK(reference.find("\npassword = ") == std::string::npos);
}
