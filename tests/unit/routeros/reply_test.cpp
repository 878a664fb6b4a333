#include "common/routeros/reply.hpp"

#include <set>
#include <string>

#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::routeros;

namespace {

Reply answered(int status, std::string_view body, std::string_view type = "application/json") {
    Exchange exchange;
    exchange.status = status;
    exchange.content_type = type;
    exchange.body = body;
    return classify(exchange, "https://192.0.2.1 (user wanctl)");
}

Reply failed(TransportFault fault) {
    Exchange exchange;
    exchange.fault = fault;
    exchange.fault_text = "as curl says";
    return classify(exchange, "https://192.0.2.1 (user wanctl)");
}

const char* const kNoDetail = R"({"error":404,"message":"Not Found"})";
const char* const kPage = "<html><body>403 Forbidden</body></html>";

}  // namespace

TEST_CASE("a success hands on its body") {
    const Reply reply = answered(200, R"([{"name":"x"}])");
    CHECK(reply.state == RouterState::ok);
    CHECK(reply.body == R"([{"name":"x"}])");
    CHECK(answered(204, "").state == RouterState::ok);
}

TEST_CASE("each error status has its own state and message") {
    struct Row {
        int status;
        const char* body;
        RouterState state;
        const char* says;
    };
    const Row rows[] = {
        {401, R"({"error":401,"message":"Unauthorized"})", RouterState::unauthorized, "(401)"},
        {403, kPage, RouterState::forbidden, "/ip/service/webserver"},
        {404, kNoDetail, RouterState::failing, "(404)"},
        {415, R"({"error":415,"message":"Unsupported Media Type"})", RouterState::failing, "(415)"},
        {400, R"({"detail":"Session closed","error":400,"message":"Bad Request"})",
         RouterState::failing, "(400): Session closed"},
        {500, R"j({"detail":"not enough permissions (9)","error":500})j", RouterState::forbidden,
         "lacks a policy (500): not enough permissions (9)"},
        {500, R"j({"detail":"std failure: not allowed (9)","error":500})j", RouterState::forbidden,
         "not allowed"},
        {500, R"({"detail":"failure: no","error":500})", RouterState::failing,
         "failed on the request (500): failure: no"},
        {503, R"({"error":503})", RouterState::failing, "(503)"},
        {302, kPage, RouterState::bad_reply, "a web page with status 302"},
    };
    std::set<std::string> messages;
    for (const Row& row : rows) {
        INFO(row.status << " " << row.body);
        const Reply reply = answered(row.status, row.body);
        CHECK(reply.state == row.state);
        CHECK(reply.status == row.status);
        CHECK(reply.error.message.find("https://192.0.2.1 (user wanctl): ") == 0);
        CHECK(reply.error.message.find(row.says) != std::string::npos);
        messages.insert(reply.error.message);
    }
    CHECK(messages.size() == std::size(rows));
}

TEST_CASE("a web page is no reply, by its type or by its first character") {
    CHECK(answered(200, kPage).state == RouterState::bad_reply);
    CHECK(answered(200, " \r\n<!doctype html>").state == RouterState::bad_reply);
    CHECK(answered(200, "[]", "text/html; charset=utf-8").state == RouterState::bad_reply);
    CHECK(answered(200, kPage).error.message.find("web page instead of JSON") != std::string::npos);
}

TEST_CASE("each way the transport fails has its own message, and only two leave work behind") {
    struct Row {
        TransportFault fault;
        RouterState state;
        bool abandoned;
    };
    const Row rows[] = {
        {TransportFault::name_lookup, RouterState::unreachable, false},
        {TransportFault::no_connection, RouterState::unreachable, false},
        {TransportFault::broken, RouterState::unreachable, false},
        {TransportFault::timed_out, RouterState::unreachable, true},
        {TransportFault::untrusted, RouterState::untrusted, false},
        {TransportFault::bad_ca_file, RouterState::untrusted, false},
        {TransportFault::oversized, RouterState::bad_reply, true},
        {TransportFault::not_http, RouterState::bad_reply, false},
    };
    std::set<std::string> messages;
    for (const Row& row : rows) {
        const Reply reply = failed(row.fault);
        INFO(reply.error.message);
        CHECK(reply.state == row.state);
        CHECK(reply.abandoned == row.abandoned);
        CHECK(reply.error.message.find("as curl says") != std::string::npos);
        messages.insert(reply.error.message);
    }
    CHECK(messages.size() == std::size(rows));
}

TEST_CASE("an unknown id shows as 404, or as 400 with the words RouterOS has for it") {
    CHECK(is_unknown_id(answered(404, kNoDetail)));
    CHECK(is_unknown_id(answered(400, R"({"detail":"missing or invalid resource identifier"})")));
    CHECK_FALSE(is_unknown_id(answered(400, R"({"detail":"unknown parameter x"})")));
    CHECK_FALSE(is_unknown_id(answered(200, "{}")));
}
