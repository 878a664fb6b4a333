#include "common/routeros/records.hpp"

#include <string>

#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::routeros;

namespace {

const std::string kTwoQueues =
    R"([{".id":"*1000000","bytes":"123456789012","disabled":"false","max-limit":"85000000",)"
    R"("name":"WAN-Download"},{".id":"*1000001","max-limit":"0","name":"WAN \"up\" \u00fc"}])";

std::string fault_of(std::string_view body) {
    const auto records = Records::parse(body);
    return records ? "no fault" : records.error().message;
}

}  // namespace

TEST_CASE("a list reply is read as records of strings") {
    const auto records = Records::parse(kTwoQueues);
    REQUIRE(records);
    REQUIRE(records->size() == 2);
    CHECK(records->get(0, "bytes") == std::string_view("123456789012"));
    CHECK(records->get(1, "name") == std::string_view("WAN \"up\" \u00fc"));
    CHECK(records->get(1, "bytes") == std::nullopt);
    CHECK(records->get(0, "Bytes") == std::nullopt);
}

TEST_CASE("a lone object is one record and an empty list is none") {
    CHECK(Records::parse(R"({"name":"router"})")->size() == 1);
    CHECK(Records::parse("[]")->size() == 0);
    CHECK(Records::parse("[{}]")->size() == 1);
    CHECK(Records::parse(" [ { } , {\"a\":\"b\"} ] ")->get(1, "a") == std::string_view("b"));
}

TEST_CASE(
    "raw control characters in a string, as old firmware sends them, do not spoil the reply") {
    const auto records = Records::parse("[{\"comment\":\"a\nb\x01\",\"name\":\"x\"}]");
    REQUIRE(records);
    CHECK(records->get(0, "name") == std::string_view("x"));
}

TEST_CASE("values of other types are refused with the key they stand under") {
    CHECK(fault_of(R"([{"max-limit":85000000}])") ==
          "the value of \"max-limit\" is a number, not a string");
    CHECK(fault_of(R"([{"disabled":false}])") == "the value of \"disabled\" is no string");
    CHECK(fault_of(R"([{"a":{"b":"c"}}])") == "the value of \"a\" is an object, not a string");
    CHECK(fault_of(R"([{"a":["b"]}])") == "the value of \"a\" is an array, not a string");
    CHECK(fault_of(R"(["a"])") == "a string where a record was expected");
    CHECK(fault_of("12") == "a number, not a string where a record was expected");
    CHECK(fault_of("[[{}]]") == "an array where a record was expected");
    CHECK(fault_of("null") == "no string where a record was expected");
}

TEST_CASE("every truncation of a reply is refused, and none crashes") {
    for (std::size_t length = 0; length < kTwoQueues.size(); ++length) {
        INFO(length);
        CHECK_FALSE(Records::parse(std::string_view(kTwoQueues).substr(0, length)));
    }
    CHECK_FALSE(Records::parse(kTwoQueues + "x"));
}

TEST_CASE("every single damaged byte yields records or a fault, never a crash") {
    for (std::size_t at = 0; at < kTwoQueues.size(); ++at)
        for (const int byte : {0x00, 0x22, 0x5b, 0x5c, 0x7b, 0x80, 0xff}) {
            std::string damaged = kTwoQueues;
            damaged[at] = static_cast<char>(byte);
            const auto records = Records::parse(damaged);
            if (!records) CHECK_FALSE(records.error().message.empty());
        }
}

TEST_CASE("hostile nesting is refused at its second level") {
    CHECK_FALSE(Records::parse(std::string(1'000'000, '[')));
    std::string objects;
    for (int i = 0; i < 100'000; ++i) objects += "{\"a\":";
    CHECK_FALSE(Records::parse(objects));
}

TEST_CASE("an error reply's detail is printable and bounded") {
    CHECK(error_detail(R"({"detail":"unknown parameter x","error":400,"message":"Bad Request"})") ==
          "unknown parameter x");
    CHECK(error_detail(R"({"error":404,"message":"Not Found"})").empty());
    CHECK(error_detail("<html>no</html>").empty());
    CHECK(error_detail("").empty());
    CHECK(error_detail(R"({"detail":"a\u001b[31mb"})") == "a?[31mb");
    CHECK(error_detail(R"({"detail":")" + std::string(5000, 'x') + R"("})").size() == 163);
}

TEST_CASE("a quoted string is a JSON literal") {
    CHECK(json_quoted("name=WAN \"a\\b\"") == R"("name=WAN \"a\\b\"")");
}
