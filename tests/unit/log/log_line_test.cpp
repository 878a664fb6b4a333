#include "common/log/log_line.hpp"

#include <limits>
#include <vector>

#include <fmt/format.h>
#include <rapidjson/document.h>

#include "common/printable.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;

namespace {

struct Shown {
    std::string_view raw;
    std::string_view text;  // as a field's value
};

}  // namespace

TEST_CASE("a text line is the message and its pairs") {
    const std::vector<LogField> fields{{"wan", "cable"}, {"bps", 940'000'000LL}, {"delta_ms", 12.5},
                                       {"held", true},   {"text", "two words"},  {"empty", ""}};
    CHECK(text_line("rate changed", fields) ==
          "rate changed wan=cable bps=940000000 delta_ms=12.5 held=true text=\"two words\" "
          "empty=\"\"");
}

TEST_CASE("a value can neither forge a line nor a pair, nor move the terminal") {
    const std::vector<Shown> cases{
        {"a\nb", "\"a\\nb\""},
        {"a\r\nlevel=error", "\"a\\x0d\\nlevel=error\""},
        {"x ok=true", "\"x ok=true\""},
        {"say \"hi\"", "\"say \\\"hi\\\"\""},
        {"\x1b[2J", "\"\\x1b[2J\""},
        {"\xc2\x9b"
         "2J",
         "\"\\x9b2J\""},
        {"\x9b", "\"\\x9b\""},
        {"\x7f", "\"\\x7f\""},
        {"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"},
        {"\xc3", "\"\\xc3\""},
        {"\xed\xa0\x80", "\"\\xed\\xa0\\x80\""},
        {"\xc0\xaf", "\"\\xc0\\xaf\""},
        {std::string_view("\0", 1), "\"\\x00\""},
    };
    for (const Shown& shown : cases) {
        const std::vector<LogField> fields{{"k", shown.raw}};
        CHECK(text_line("m", fields) == std::string("m k=").append(shown.text));
    }
    CHECK(text_line("m\nforged", {}) == "m\\nforged");
}

TEST_CASE("a JSON line is valid JSON and gives back what was logged") {
    const std::string nasty =
        "quote \" slash \\ line\n tab\t bell\x07 \xc3\xa4 bad\xff end\xc2\x9b";
    const std::vector<LogField> fields{{"text", nasty},
                                       {"least", std::numeric_limits<std::int64_t>::min()},
                                       {"most", std::numeric_limits<std::uint64_t>::max()},
                                       {"number", 0.1},
                                       {"nan", std::numeric_limits<double>::quiet_NaN()},
                                       {"inf", -std::numeric_limits<double>::infinity()},
                                       {"flag", false}};
    rapidjson::Document json;
    json.Parse<rapidjson::kParseValidateEncodingFlag>(
        fmt::format("{{{}}}", json_members(nasty, fields)).c_str());
    REQUIRE_FALSE(json.HasParseError());
    const std::string expected =
        "quote \" slash \\ line\n tab\t bell\x07 \xc3\xa4 bad\xef\xbf\xbd end\xc2\x9b";
    CHECK(json["message"].GetString() == expected);
    CHECK(json["text"].GetString() == expected);
    CHECK(json["least"].GetInt64() == std::numeric_limits<std::int64_t>::min());
    CHECK(json["most"].GetUint64() == std::numeric_limits<std::uint64_t>::max());
    CHECK(json["number"].GetDouble() == 0.1);
    CHECK(json["nan"].IsNull());
    CHECK(json["inf"].IsNull());
    CHECK_FALSE(json["flag"].GetBool());
    CHECK(json_members(nasty, fields).find('\n') == std::string::npos);
}

TEST_CASE("long text is cut between characters") {
    std::string umlauts;
    for (int i = 0; i < 2000; ++i) umlauts += "\xc3\xa4";
    const std::string line = text_line("x" + umlauts, {});
    CHECK(line.size() == 1 + 1022 + 3);
    CHECK(line.substr(line.size() - 5) == "\xc3\xa4...");
}
