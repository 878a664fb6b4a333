#include "tests/sim/rest/router_model.hpp"

#include <vector>

#include <fmt/format.h>

#include "tests/support/catch.hpp"
#include "tests/unit/sim/manual_clock.hpp"

using namespace wanctl;
using namespace wanctl::sim;

namespace {

const User kWriter{"wanctl", "", {"read", "write", "api", "rest-api"}};
const User kReader{"stats", "", {"read", "api", "rest-api"}};

// Remembers what the router asked of the line.
class RecordingPort final : public QueuePort {
  public:
    void set_limit(Rate max_limit, Ratio bucket_size) override {
        limit = max_limit;
        bucket = bucket_size;
    }
    [[nodiscard]] QueueCounters counters() const override { return values; }
    void reset_counters() override { values = {}; }

    Rate limit{-1};
    Ratio bucket;
    QueueCounters values;
};

struct Router {
    explicit Router(RouterModelOptions options = {}) : model(clock, std::move(options)) {
        for (const auto* name : {"WAN-DL", "WAN-UL"}) {
            REQUIRE(model.queues().add(
                {{"name", name}, {"parent", "global"}, {"max-limit", "100M"}}, "admin"));
        }
    }

    RestReply ask(const std::string& method, const std::string& target,
                  const std::string& body = {}, const User& user = kWriter) {
        RestRequest request{.method = method,
                            .target = target,
                            .content_type = body.empty() ? "" : "application/json",
                            .authorization = {},
                            .body = body,
                            .origin = "https://router",
                            .client = "127.0.0.1"};
        return model.execute(request, user);
    }
    // Status and body in one line, as the tables below have them.
    std::string says(const std::string& method, const std::string& target,
                     const std::string& body = {}, const User& user = kWriter) {
        const auto reply = ask(method, target, body, user);
        return fmt::format("{} {}", reply.status, reply.body);
    }

    ManualClock clock;
    RouterModel model;
};

std::string bad(const std::string& detail) {
    return fmt::format(R"(400 {{"detail":"{}","error":400,"message":"Bad Request"}})", detail);
}

const std::string kNotFound = R"(404 {"error":404,"message":"Not Found"})";
const std::string kDownload = "/rest/queue/tree/*1000000";

}  // namespace

TEST_CASE("a queue is returned with every property as a string, its id first") {
    Router router;
    CHECK(router.says("GET", kDownload) ==
          R"(200 {".id":"*1000000","bucket-size":"0.1","burst-limit":"0","burst-threshold":"0",)"
          R"("burst-time":"0s","bytes":"0","disabled":"false","dropped":"0","invalid":"false",)"
          R"("limit-at":"0","max-limit":"100000000","name":"WAN-DL","packet-mark":"",)"
          R"("packet-rate":"0","packets":"0","parent":"global","priority":"8",)"
          R"("queue":"default-small","queued-bytes":"0","queued-packets":"0","rate":"0"})");
    CHECK(router.ask("GET", "/rest/queue/tree/WAN-DL").body == router.ask("GET", kDownload).body);
}

TEST_CASE("PATCH sets and returns the whole record, whatever form the number has") {
    Router router;
    for (const auto& [sent, held] :
         std::vector<std::pair<std::string, std::string>>{{R"("85000000")", "85000000"},
                                                          {R"("85M")", "85000000"},
                                                          {R"("900k")", "900000"},
                                                          {"85000000", "85000000"},
                                                          {"0x10", "16"},
                                                          {"0", "0"}}) {
        INFO(sent);
        const auto reply = router.ask("PATCH", kDownload, "{\"max-limit\":" + sent + "}");
        CHECK(reply.status == 200);
        CHECK(reply.body.find("\"max-limit\":\"" + held + "\"") != std::string::npos);
        CHECK(reply.body == router.ask("GET", kDownload).body);
    }
    CHECK(router.ask("PATCH", "/rest/queue/tree/WAN-DL", R"({"max-limit":"1M"})").status == 200);
}

TEST_CASE("PUT creates with 201 and a Location, DELETE removes with 204 once") {
    Router router;
    const auto made = router.ask("PUT", "/rest/queue/tree", R"({"name":"new","parent":"ether1"})");
    CHECK(made.status == 201);
    CHECK(made.body.starts_with(R"({".id":"*1000002",)"));
    REQUIRE(made.headers.size() == 1);
    CHECK(made.headers[0].first == "Location");
    CHECK(made.headers[0].second == "https://router/rest/queue/tree/*1000002");
    CHECK(router.says("DELETE", "/rest/queue/tree/*1000002") == "204 ");
    CHECK(router.says("DELETE", "/rest/queue/tree/*1000002") == kNotFound);
    const auto again = router.ask("PUT", "/rest/queue/tree", R"({"name":"new","parent":"global"})");
    CHECK(again.body.starts_with(R"({".id":"*1000003",)"));
}

TEST_CASE("POST runs a command and answers an empty list, add answers the id") {
    Router router;
    const std::string menu = "/rest/queue/tree/";
    CHECK(router.says("POST", menu + "set", R"({".id":"*1000000,*1000001","max-limit":"7M"})") ==
          "200 []");
    CHECK(router.ask("GET", kDownload).body.find("7000000") != std::string::npos);
    CHECK(router.says("POST", menu + "disable", R"({"numbers":"WAN-UL"})") == "200 []");
    CHECK(router.ask("GET", menu + "WAN-UL").body.find(R"("disabled":"true")") !=
          std::string::npos);
    CHECK(router.says("POST", menu + "enable", R"({"numbers":"1"})") == "200 []");
    CHECK(router.ask("GET", menu + "WAN-UL").body.find(R"("disabled":"false")") !=
          std::string::npos);
    CHECK(router.says("POST", menu + "reset-counters", R"({".id":"*1000000"})") == "200 []");
    CHECK(router.says("POST", menu + "reset-counters-all") == "200 []");
    CHECK(router.says("POST", menu + "add", R"({"name":"x","parent":"global"})") ==
          R"(200 {"ret":"*1000002"})");
    CHECK(router.says("POST", menu + "remove", R"({".id":"*1000002"})") == "200 []");
    CHECK(router.says("POST", menu + "print", R"({"count-only":""})") == R"(200 {"ret":"2"})");
}

TEST_CASE("a refused request gets the router's status and text") {
    struct Row {
        std::string method;
        std::string target;
        std::string body;
        std::string says;
    };
    const std::string no_item = bad("missing or invalid resource identifier");
    const std::string no_command = bad("no such command");
    const std::vector<Row> rows = {
        {"GET", "/rest/queue/tree/*FF", "", kNotFound},
        {"PATCH", "/rest/queue/tree/*FF", R"({"max-limit":"1M"})", kNotFound},
        {"DELETE", "/rest/queue/tree/*FF", "", kNotFound},
        {"GET", "/rest/queue/tree/absent", "", kNotFound},
        {"GET", "/rest/nonexistent", "", bad("no such command or directory (nonexistent)")},
        {"GET", "/rest/queue/none", "", bad("no such command or directory (none)")},
        {"GET", "/rest/queue/tree/print", "", no_command},
        {"GET", "/rest/queue/tree/set", "", no_command},
        {"POST", "/rest/queue/tree/move", "{}", no_command},
        {"POST", "/rest/queue/tree", "{}", no_command},
        {"PUT", "/rest/interface", "{}", no_command},
        {"GET", "/rest/log/name", "", bad("no such command prefix")},
        {"GET", "/rest/queue/tree/%2A1000000", "", bad("no such command prefix")},
        {"PATCH", "/rest/queue/tree/%2A1000000", R"({"max-limit":"1M"})", no_item},
        {"DELETE", "/rest/queue/tree/%2a1000000", "", no_item},
        {"PATCH", "/rest/queue/tree", R"({"max-limit":"1M"})", no_item},
        {"PATCH", "/rest/system/identity", R"({"name":"x"})", no_item},
        {"PATCH", kDownload, R"({"speed":"1M"})", bad("unknown parameter speed")},
        {"PATCH", "/rest/queue/tree/WAN-DL", R"({"speed":"1M"})", no_item},
        {"PATCH", kDownload, R"({"max-limit":"fast"})",
         bad("invalid value for argument max-limit")},
        {"PATCH", kDownload, R"({"max-limit":"-1"})", bad("invalid value for argument max-limit")},
        {"PATCH", kDownload, R"({"priority":"9"})", bad("value of priority out of range (1..8)")},
        {"PATCH", kDownload, R"({"queue":"cake"})", bad("input does not match any value of queue")},
        {"PATCH", kDownload, R"({"parent":"wan9"})",
         bad("input does not match any value of parent")},
        {"PATCH", kDownload, R"({"name":"WAN-UL"})", bad("failure: already have such entry")},
        {"PATCH", kDownload, R"({"limit-at":"200M"})",
         bad("failure: limit-at is greater than max-limit")},
        {"PATCH", kDownload, R"({"max-limit":1e6})", bad("Failed to parse json")},
        {"PATCH", kDownload, R"({"max-limit":)", bad("Failed to parse json")},
        {"PUT", "/rest/queue/tree", R"({"name":"x"})", bad("missing =parent=")},
        {"POST", "/rest/queue/tree/set", R"({"max-limit":"1M"})", bad("missing =.id=")},
        {"POST", "/rest/queue/tree/set", R"({".id":"*FF"})", kNotFound},
        {"POST", "/rest/log/info", "{}", bad("missing =message=")},
        {"OPTIONS", "/rest/queue/tree", "", R"(503 {"error":503,"message":"Service Unavailable"})"},
        {"HEAD", "/rest/queue/tree", "", R"(501 {"error":501,"message":"Not Implemented"})"},
    };
    Router router;
    const auto before = router.ask("GET", "/rest/queue/tree").body;
    for (const auto& row : rows) {
        INFO(row.method << ' ' << row.target << ' ' << row.body);
        CHECK(router.says(row.method, row.target, row.body) == row.says);
    }
    CHECK(router.ask("GET", "/rest/queue/tree").body == before);
}

TEST_CASE("a body that is not declared as JSON is an unsupported media type") {
    Router router;
    RestRequest request{.method = "PATCH",
                        .target = kDownload,
                        .content_type = "application/x-www-form-urlencoded",
                        .authorization = {},
                        .body = R"({"max-limit":"1M"})",
                        .origin = {},
                        .client = {}};
    CHECK(router.model.execute(request, kWriter).status == 415);
    request.content_type = "application/json; charset=utf-8";
    CHECK(router.model.execute(request, kWriter).status == 200);
}

TEST_CASE("policies decide what a user may") {
    const User no_rest{"a", "", {"read", "write", "api"}};
    const User no_api{"b", "", {"read", "write", "rest-api"}};
    const std::string forbidden = R"j(500 {"detail":"not enough permissions (9)","error":500,)j"
                                  R"j("message":"Internal Server Error"})j";
    Router router;
    CHECK(router.ask("GET", kDownload, "", no_rest).status == 401);
    CHECK(router.says("GET", kDownload, "", no_api) ==
          R"j(500 {"detail":"std failure: not allowed (9)","error":500,)j"
          R"j("message":"Internal Server Error"})j");
    CHECK(router.ask("GET", kDownload, "", kReader).status == 200);
    CHECK(router.ask("POST", "/rest/queue/tree/print", "{}", kReader).status == 200);
    const std::string no_item = bad("missing or invalid resource identifier");
    CHECK(router.says("PATCH", kDownload, R"({"max-limit":"1M"})", kReader) == no_item);
    CHECK(router.says("DELETE", kDownload, "", kReader) == no_item);
    CHECK(router.says("PUT", "/rest/queue/tree", R"({"parent":"global"})", kReader) == forbidden);
    CHECK(router.says("POST", "/rest/queue/tree/set", R"({".id":"*1000000"})", kReader) ==
          forbidden);
}

TEST_CASE("a list is filtered by equality and projected, always with the id") {
    Router router;
    const std::string list = "/rest/queue/tree?";
    CHECK(router.says("GET", list + "name=WAN-UL&.proplist=name") ==
          R"(200 [{".id":"*1000001","name":"WAN-UL"}])");
    CHECK(router.says("GET", list + "name=WAN%2DUL&disabled=no&.proplist=max-limit") ==
          R"(200 [{".id":"*1000001","max-limit":"100000000"}])");
    CHECK(router.says("GET", list + "name=wan-ul") == "200 []");
    CHECK(router.says("GET", list + "dynamic=false") == "200 []");
    CHECK(router.says("POST", "/rest/queue/tree/print",
                      R"({".proplist":"name",".query":["name=WAN-UL"]})") ==
          R"(200 [{"name":"WAN-UL"}])");
    CHECK(router.says("POST", "/rest/queue/tree/print",
                      R"({".proplist":["name"],".query":["name=WAN-UL","name=WAN-DL","#|"]})") ==
          R"(200 [{"name":"WAN-DL"},{"name":"WAN-UL"}])");
    CHECK(router.says(
              "POST", "/rest/queue/tree/print",
              R"({".proplist":"name",".query":[">max-limit=99000000","name=WAN-UL","#!"]})") ==
          R"(200 [{"name":"WAN-DL"}])");
}

TEST_CASE("a comment is absent when it is empty") {
    Router router;
    CHECK(router.ask("GET", kDownload).body.find("comment") == std::string::npos);
    CHECK(router.ask("PATCH", kDownload, R"({"comment":"by hand"})")
              .body.find(R"("comment":"by hand")") != std::string::npos);
    CHECK(router.ask("PATCH", kDownload, R"({"comment":""})").body.find("comment") ==
          std::string::npos);
}

TEST_CASE("singletons answer one object without an id") {
    Router router;
    CHECK(router.says("GET", "/rest/system/identity") == R"(200 {"name":"MikroTik"})");
    CHECK(router.says("POST", "/rest/system/identity/set", R"({"name":"edge"})") == "200 []");
    CHECK(router.says("GET", "/rest/system/identity") == R"(200 {"name":"edge"})");
    router.clock.advance(std::chrono::seconds(93'784));
    CHECK(router.says("GET", "/rest/system/resource?.proplist=uptime,version") ==
          R"j(200 {"uptime":"1d2h3m4s","version":"7.23.7 (long-term)"})j");
}

TEST_CASE("every accepted change of the configuration writes flash sectors, a refused one none") {
    RouterModelOptions options;
    options.sectors_per_change = 3;
    Router router(options);
    const auto sectors = [&router] {
        return router
            .ask("GET", "/rest/system/resource?.proplist=write-sect-since-reboot,write-sect-total")
            .body;
    };
    REQUIRE(router.ask("PATCH", kDownload, R"({"max-limit":"1M"})").status == 200);
    REQUIRE(router.ask("PATCH", kDownload, R"({"max-limit":"x"})").status == 400);
    REQUIRE(router.ask("GET", kDownload).status == 200);
    REQUIRE(router.ask("POST", "/rest/log/info", R"({"message":"m"})").status == 200);
    REQUIRE(router.ask("POST", "/rest/queue/tree/reset-counters-all").status == 200);
    CHECK(sectors() == R"({"write-sect-since-reboot":"3","write-sect-total":"3"})");
    router.model.reboot();
    CHECK(sectors() == R"({"write-sect-since-reboot":"0","write-sect-total":"3"})");
}

TEST_CASE("the log keeps the last lines only and has times and topics") {
    RouterModelOptions options;
    options.log_lines = 2;
    Router router(options);
    for (const auto* message : {"one", "two", "three"}) {
        REQUIRE(router.ask("POST", "/rest/log/info", fmt::format(R"({{"message":"{}"}})", message))
                    .status == 200);
    }
    CHECK(router.says("GET", "/rest/log") ==
          R"(200 [{".id":"*1","extra-info":"","message":"two","time":"2026-03-01 00:00:00",)"
          R"("topics":"script,info"},{".id":"*2","extra-info":"","message":"three",)"
          R"("time":"2026-03-01 00:00:00","topics":"script,info"}])");
}

TEST_CASE("the line gets every limit and an unlimited one while nothing is shaped") {
    Router router;
    RecordingPort port;
    router.model.queues().connect("WAN-DL", port);
    CHECK(port.limit == 100_mbit);
    REQUIRE(router.ask("PATCH", kDownload, R"({"max-limit":"30M","bucket-size":"0.01"})").status ==
            200);
    CHECK(port.limit == 30_mbit);
    CHECK(port.bucket.value == Approx(0.01));
    REQUIRE(router.ask("PATCH", kDownload, R"({"disabled":true})").status == 200);
    CHECK(port.limit == Rate{0});
    REQUIRE(router.ask("PATCH", kDownload, R"({"disabled":"no","parent":"ether1"})").status == 200);
    CHECK(port.limit == 30_mbit);
    REQUIRE(router.ask("PATCH", "/rest/interface/ether1", R"({"disabled":"yes"})").status == 200);
    CHECK(port.limit == Rate{0});
    CHECK(router.ask("GET", kDownload).body.find(R"("invalid":"true")") != std::string::npos);
    REQUIRE(router.ask("PATCH", "/rest/interface/ether1", R"({"disabled":"no"})").status == 200);
    CHECK(port.limit == 30_mbit);
    REQUIRE(router.ask("DELETE", kDownload).status == 204);
    CHECK(port.limit == Rate{0});
    REQUIRE(router
                .ask("PUT", "/rest/queue/tree",
                     R"({"name":"WAN-DL","parent":"global","max-limit":"5M"})")
                .status == 201);
    CHECK(port.limit == 5_mbit);
}

TEST_CASE("counters come from the line and start again with reset-counters and a reboot") {
    Router router;
    RecordingPort port;
    router.model.queues().connect("WAN-DL", port);
    const std::string what = kDownload + "?.proplist=bytes,packets,dropped,queued-bytes,rate";
    port.values = {.bytes = 12'000'000'000,
                   .packets = 5,
                   .dropped = 2,
                   .queued_bytes = 3000,
                   .queued_packets = 2,
                   .rate = 42_mbit};
    CHECK(router.says("GET", what) ==
          R"(200 {".id":"*1000000","bytes":"12000000000","dropped":"2","packets":"5",)"
          R"("queued-bytes":"3000","rate":"42000000"})");
    REQUIRE(router.ask("POST", "/rest/queue/tree/reset-counters", R"({".id":"*1000000"})").status ==
            200);
    CHECK(port.values.bytes == 0);
    port.values.bytes = 9;
    router.model.reboot();
    CHECK(port.values.bytes == 0);
    CHECK(router.ask("GET", "/rest/queue/tree/WAN-DL").body.starts_with(R"({".id":"*1000000")"));
}

TEST_CASE("a queue changed from outside is found changed, and the history says by whom") {
    Router router;
    auto& queues = router.model.queues();
    REQUIRE(router.ask("PATCH", kDownload, R"({"max-limit":"50M"})").status == 200);
    router.clock.advance(std::chrono::seconds(1));
    REQUIRE(queues.set_limit("WAN-DL", "60M").has_value());
    const auto& last = queues.history().back();
    CHECK(last.from == 50_mbit);
    CHECK(last.to == 60_mbit);
    CHECK(last.by == "admin");
    CHECK(last.at == router.clock.steady());
    CHECK(queues.history()[queues.history().size() - 2].by == "wanctl");
    REQUIRE(queues.rename("WAN-DL", "Other").has_value());
    CHECK(router.says("GET", "/rest/queue/tree/WAN-DL") == kNotFound);
    REQUIRE(queues.duplicate("WAN-UL").has_value());
    CHECK(router.says("GET", "/rest/queue/tree?name=WAN-UL&.proplist=name") ==
          R"(200 [{".id":"*1000001","name":"WAN-UL"},{".id":"*1000002","name":"WAN-UL"}])");
    CHECK_FALSE(queues.remove("WAN-UL").has_value());
    REQUIRE(queues.set_invalid("Other", "true").has_value());
    CHECK(router.ask("GET", kDownload).body.find(R"("invalid":"true")") != std::string::npos);
}

TEST_CASE("built-in queue types count down from the top, and a removed type leaves its id behind") {
    Router router;
    CHECK(router.ask("GET", "/rest/queue/type/pcq-upload-default")
              .body.starts_with(R"({".id":"*FFFFFFFA","default":"true","kind":"pcq")"));
    const auto cake = router.ask("PUT", "/rest/queue/type",
                                 R"({"name":"cake-wan","kind":"cake","cake-nat":"yes"})");
    CHECK(cake.status == 201);
    CHECK(cake.body ==
          R"({".id":"*1","cake-ack-filter":"none","cake-bandwidth":"0",)"
          R"("cake-diffserv":"diffserv3","cake-flowmode":"triple-isolate","cake-nat":"true",)"
          R"("cake-overhead":"0","cake-rtt":"100ms","default":"false","kind":"cake",)"
          R"("name":"cake-wan"})");
    REQUIRE(router.ask("PATCH", kDownload, R"({"queue":"cake-wan"})").status == 200);
    REQUIRE(router.ask("DELETE", "/rest/queue/type/*1").status == 204);
    CHECK(router.ask("GET", kDownload).body.find(R"("queue":"*1")") != std::string::npos);
    CHECK(router.ask("DELETE", "/rest/queue/type/default").status == 400);
}

TEST_CASE("a new item copies another one, named by id or by name, but not its name") {
    Router router;
    const auto [menu, from, copied] = GENERATE(table<std::string, std::string, std::string>({
        {"queue/tree", "WAN-UL", R"("max-limit":"100000000")"},
        {"queue/tree", "*1000001", R"("max-limit":"100000000")"},
        {"queue/type", "pcq-upload-default", R"("kind":"pcq")"},
        {"queue/type", "*FFFFFFFA", R"("kind":"pcq")"},
        {"routing/table", "wan2", R"("fib":"")"},
    }));
    INFO(menu << " from " << from);
    const std::string path = "/rest/" + menu;
    if (menu == "routing/table")
        REQUIRE(router.ask("PUT", path, R"({"name":"wan2","fib":""})").status == 201);
    const auto made =
        router.ask("PUT", path, fmt::format(R"({{"name":"copy","copy-from":"{}"}})", from));
    CHECK(made.status == 201);
    CHECK(made.body.find(R"("name":"copy")") != std::string::npos);
    CHECK(made.body.find(copied) != std::string::npos);
    const auto refused = router.ask("PUT", path, R"({"name":"other","copy-from":"nobody"})");
    CHECK(refused.status == 400);
    CHECK(refused.body.find("input does not match any value of copy-from") != std::string::npos);
}
