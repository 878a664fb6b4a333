// Whatever stands in a recording, replaying it ends; every line it yields is a line of JSON with
// rates within their limits, and a bad line is named by its number.
#include <sstream>
#include <string>

#include <rapidjson/document.h>

#include "autorate/replay.hpp"
#include "common/config/parse.hpp"
#include "tests/fuzz/good_config.hpp"
#include "tests/fuzz/target.hpp"

namespace {

using wanctl::fuzz::require;

wanctl::AutorateConfig small_line() {
    const auto parsed = wanctl::parse_autorate(wanctl::fuzz::kGoodConfig, "f.toml");
    require(parsed.has_value(), "the configuration is right");
    return parsed->config;
}

void check_row(const std::string& line) {
    rapidjson::Document row;
    row.Parse(line.c_str());
    require(!row.HasParseError() && row.IsObject(), "a row is a JSON object");
    require(row["dl_rate_bps"].GetInt64() >= 200'000'000 &&
                row["dl_rate_bps"].GetInt64() <= 940'000'000,
            "the download stays within its limits");
    require(
        row["ul_rate_bps"].GetInt64() >= 8'000'000 && row["ul_rate_bps"].GetInt64() <= 38'000'000,
        "the upload stays within its limits");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const wanctl::AutorateConfig config = small_line();
    std::istringstream input(std::string(reinterpret_cast<const char*>(data), size));
    std::ostringstream output;
    const auto done = wanctl::autorate::replay(config, input, output);
    if (!done) require(done.error().message.rfind("line ", 0) == 0, "a bad line has its number");
    std::istringstream rows(output.str());
    for (std::string line; std::getline(rows, line);) check_row(line);
    return 0;
}
