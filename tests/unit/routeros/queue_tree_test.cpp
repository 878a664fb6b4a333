#include "common/routeros/queue_tree.hpp"

#include <string>
#include <vector>

#include <fmt/format.h>

#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::routeros;

namespace {

const QueueNames kNames{"WAN-Download", "WAN-Upload"};

std::string queue(std::string_view id, std::string_view name, std::string_view limit) {
    return fmt::format(
        R"({{".id":"{}","bytes":"900","disabled":"false","dropped":"3","invalid":"false",)"
        R"("max-limit":"{}","name":"{}","packets":"7","queued-bytes":"1500","queued-packets":"1"}})",
        id, limit, name);
}

std::string list(const std::vector<std::string>& queues) {
    return fmt::format("[{}]", fmt::join(queues, ","));
}

std::string with(std::string_view key, std::string_view value) {
    return fmt::format(R"({{".id":"*1","name":"q","max-limit":"5","{}":"{}"}})", key, value);
}

}  // namespace

TEST_CASE("both queues are found by exact name, whatever stands around them") {
    const auto pair = find_queues(
        list({queue("*1000000", "WAN-Upload", "38000000"), queue("*1000001", "wan-download", "1"),
              queue("*1000002", "WAN-Download ", "2"),
              queue("*100000A", "WAN-Download", "12000000000")}),
        kNames);
    REQUIRE(pair);
    CHECK((*pair)[0].id == "*100000A");
    CHECK((*pair)[0].max_limit == Rate{12'000'000'000});
    CHECK((*pair)[1].id == "*1000000");
    CHECK((*pair)[1].counts.bytes == 900);
    CHECK((*pair)[1].counts.packets == 7);
    CHECK((*pair)[1].counts.dropped == 3);
    CHECK((*pair)[1].counts.queued_bytes == 1500);
    CHECK((*pair)[1].counts.queued_packets == 1);
    CHECK_FALSE((*pair)[1].disabled);
}

TEST_CASE("a missing or a doubled queue is refused by name and number") {
    const auto missing = find_queues(list({queue("*1", "WAN-Download", "5")}), kNames);
    REQUIRE_FALSE(missing);
    CHECK(missing.error().state == RouterState::queue_missing);
    CHECK(missing.error().message ==
          "0 queues in /queue/tree are named \"WAN-Upload\", exactly one must be");
    const std::string twin = queue("*1", "WAN-Download", "5");
    const auto doubled = find_queues(list({twin, twin, queue("*3", "WAN-Upload", "5")}), kNames);
    REQUIRE_FALSE(doubled);
    CHECK(doubled.error().state == RouterState::queue_ambiguous);
    CHECK(doubled.error().message.find("2 queues") == 0);
    CHECK(find_queues("[]", kNames).error().state == RouterState::queue_missing);
    CHECK(find_queues("<html>", kNames).error().state == RouterState::bad_reply);
}

TEST_CASE("a limit of 0 reads as no limit, above every rate") {
    const auto reading = read_queue(queue("*1", "q", "0"));
    REQUIRE(reading);
    CHECK(reading->max_limit == kUnlimited);
    CHECK(reading->max_limit > 100'000'000_mbit);
}

TEST_CASE("numbers that are none, negative or too large are refused by key and value") {
    struct Row {
        const char* key;
        const char* value;
    };
    for (const Row row :
         {Row{"bytes", "-1"}, Row{"bytes", "1.5"}, Row{"bytes", ""},
          Row{"bytes", "18446744073709551616"}, Row{"dropped", " 1"}, Row{"packets", "1e3"},
          Row{"queued-bytes", "0x10"}, Row{"disabled", "yes"}, Row{"invalid", "maybe"}}) {
        INFO(row.key << "=" << row.value);
        const auto reading = read_queue(with(row.key, row.value));
        REQUIRE_FALSE(reading);
        CHECK(reading.error().message.find(row.key) != std::string::npos);
        CHECK(reading.error().message.find(row.value) != std::string::npos);
    }
    for (const char* limit : {"-5", "10M", "9223372036854775808", "", "5 "})
        CHECK_FALSE(read_queue(queue("*1", "q", limit)));
    CHECK(read_queue(with("bytes", "18446744073709551615"))->counts.bytes == UINT64_MAX);
}

TEST_CASE("counters a version does not send are 0, but id, name and limit must be there") {
    const auto reading = read_queue(R"({".id":"*1","name":"q","max-limit":"5"})");
    REQUIRE(reading);
    CHECK(reading->counts.bytes == 0);
    CHECK_FALSE(read_queue(R"({".id":"*1","name":"q"})"));
    CHECK_FALSE(read_queue(R"({".id":"*1","max-limit":"5"})"));
    CHECK_FALSE(read_queue(R"({"name":"q","max-limit":"5"})"));
    CHECK_FALSE(read_queue("[]"));
}

TEST_CASE("an id that could lead a request elsewhere is refused") {
    for (const char* id : {"1", "**", "*1/../../system", "*1?x=y", "*G", "* 1"})
        CHECK_FALSE(read_queue(queue(id, "q", "5")));
    CHECK(read_queue(queue("*0", "q", "5")));
    CHECK(read_queue(queue("*FFFFFFFA", "q", "5")));
}

TEST_CASE("requests are spelled as RouterOS wants them") {
    CHECK(patch_path("*100000A") == "/rest/queue/tree/*100000A");
    CHECK(patch_body(85_mbit) == R"({"max-limit":"85000000"})");
    const std::vector<QueueNames> pairs{{"a\"b", "c d"}, {"e", "f"}};
    CHECK(print_body({&pairs[0], 1}) ==
          R"({".proplist":".id,name,max-limit,bytes,packets,dropped,queued-bytes,queued-packets,)"
          R"(invalid,disabled",".query":["name=a\"b","name=c d","#|"]})");
    CHECK(print_body(pairs).find(
              R"(".query":["name=a\"b","name=c d","#|","name=e","#|","name=f","#|"])") !=
          std::string::npos);
    CHECK(list_path().find("/rest/queue/tree?.proplist=.id,name,max-limit,") == 0);
}
