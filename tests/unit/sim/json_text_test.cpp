#include "tests/sim/rest/json_text.hpp"

#include "tests/support/catch.hpp"

using namespace wanctl::sim;

namespace {

// The one member of {"v":...}, or "refused".
std::string value_of(const std::string& json) {
    const auto arguments = parse_arguments("{\"v\":" + json + "}");
    return arguments ? arguments->values.at("v") : "refused";
}

}  // namespace

TEST_CASE("a request's numbers may be octal or hexadecimal but have no exponent") {
    CHECK(value_of("85000000") == "85000000");
    CHECK(value_of("010") == "8");
    CHECK(value_of("0x1F") == "31");
    CHECK(value_of("-5") == "-5");
    CHECK(value_of("0.05") == "0.05");
    CHECK(value_of("0") == "0");
    for (const auto* json : {"1e6", "1E6", "8.5e7", "089", "0xZZ", "1.", ".5", "-", "1.2.3"}) {
        INFO(json);
        CHECK(value_of(json) == "refused");
    }
}

TEST_CASE("a request's booleans and strings become text") {
    CHECK(value_of("true") == "true");
    CHECK(value_of("false") == "false");
    CHECK(value_of(R"("10M")") == "10M");
    CHECK(value_of(R"("a\"b\\c\ndé€")") == "a\"b\\c\nd\xC3\xA9\xE2\x82\xAC");
    CHECK(value_of(R"("😀")") == "\xF0\x9F\x98\x80");
}

TEST_CASE("what is not one flat object is refused") {
    CHECK(parse_arguments("")->values.empty());
    CHECK(parse_arguments(" {} ")->values.empty());
    CHECK(parse_arguments(R"({"a":["x","y"]})")->lists.at("a").size() == 2);
    for (const auto* json : {"[]", "x", "{", R"({"a":1,})", R"({"a":{}})", R"({"a":1} x)",
                             R"({"a":null})", R"({"a":"x)", R"({"a":"\ud800"})", R"({a:1})"}) {
        INFO(json);
        CHECK_FALSE(parse_arguments(json).has_value());
    }
}

TEST_CASE("a record is written compactly with its id first") {
    CHECK(to_json(Record{{"name", "WAN \"1\""}, {".id", "*1"}, {"bytes", "0"}}) ==
          R"({".id":"*1","bytes":"0","name":"WAN \"1\""})");
    CHECK(to_json(std::vector<Record>{}) == "[]");
    CHECK(wanctl::sim::quoted(std::string("\x01\t", 2)) == "\"\\u0001\\t\"");
}
