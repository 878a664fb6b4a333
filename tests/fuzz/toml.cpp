// Whatever stands in a configuration file, reading it ends with a configuration or with errors that
// name their place, and two readings of one text never differ.
//
// A text that begins with "!" is appended to a file that is right, so that rules between keys are
// reached.
#include <string>

#include "common/config/parse.hpp"
#include "tests/fuzz/good_config.hpp"
#include "tests/fuzz/target.hpp"

namespace {

using wanctl::fuzz::require;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string text(reinterpret_cast<const char*>(data), size);
    if (!text.empty() && text.front() == '!') text.replace(0, 1, wanctl::fuzz::kGoodConfig);
    const auto parsed = wanctl::parse_autorate(text, "f.toml");
    if (!parsed) {
        require(!parsed.error().empty(), "what is refused has an error");
        for (const wanctl::ConfigError& error : parsed.error()) {
            require(!error.message.empty(), "an error says something");
            require(error.text().find('\n') == std::string::npos, "an error is one line");
        }
        return 0;
    }
    const wanctl::AutorateConfig& config = parsed->config;
    require(!config.probe.reflectors.empty(), "a configuration has reflectors");
    require(config.baseline.min < config.baseline.max, "the baseline has room");
    for (const auto& side : config.direction)
        for (const wanctl::Rate floor : side.floor.zone)
            require(floor <= side.ceiling && floor.bps > 0, "floors are below the ceiling");
    const auto again = wanctl::parse_autorate(text, "f.toml");
    require(again && wanctl::differences(parsed->settings, again->settings).empty(),
            "a text means the same twice");
    return 0;
}
