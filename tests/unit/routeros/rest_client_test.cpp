#include "common/routeros/rest_client.hpp"

#include <chrono>
#include <cstdlib>
#include <functional>
#include <optional>
#include <string>

#include "tests/support/catch.hpp"
#include "tests/unit/routeros/scripted_server.hpp"

using namespace wanctl;
using namespace wanctl::routeros;
using wanctl::test::http_reply;
using wanctl::test::run_until;

namespace {

struct Bench {
    boost::asio::io_context loop;
    SystemClock clock;
    test::ScriptedServer server{loop};
    std::optional<Reply> reply;
    RestClient client;

    explicit Bench(RestOptions options = {})
        : client(loop, clock, with_url(std::move(options)),
                 [this](Reply&& r) { reply = std::move(r); }) {
        client.set_password("s3cret");
    }
    RestOptions with_url(RestOptions options) {
        if (options.url.empty()) options.url = server.url();
        options.user = "wanctl";
        return options;
    }
    Reply ask(const Request& request) {
        reply.reset();
        client.start(request);
        REQUIRE(run_until(loop, [this] { return reply.has_value(); }));
        return *reply;
    }
    Reply get() { return ask(Request{Method::get, "/rest/queue/tree", {}}); }
};

// Waits without running the loop.
bool true_without_loop(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(1);
    while (!condition())
        if (std::chrono::steady_clock::now() >= end) return false;
    return true;
}

}  // namespace

TEST_CASE("a write goes out as RouterOS wants it: verb, raw id, type, login") {
    Bench bench;
    bench.server.answer(http_reply(200, "{}"));
    const Reply reply =
        bench.ask(Request{Method::patch, "/rest/queue/tree/*100000A", R"({"max-limit":"5"})"});
    CHECK(reply.state == RouterState::ok);
    const std::string& sent = bench.server.requests().at(0);
    INFO(sent);
    CHECK(sent.find("PATCH /rest/queue/tree/*100000A HTTP/1.1\r\n") == 0);
    CHECK(sent.find("\r\nContent-Type: application/json\r\n") != std::string::npos);
    CHECK(sent.find("\r\nAuthorization: Basic d2FuY3RsOnMzY3JldA==\r\n") != std::string::npos);
    CHECK(sent.find("Expect:") == std::string::npos);
    CHECK(sent.substr(sent.size() - 17) == R"({"max-limit":"5"})");
}

TEST_CASE("verbs alternate on one connection, and each request is its own") {
    Bench bench;
    for (int i = 0; i < 4; ++i) bench.server.answer(http_reply(200, "[]"));
    CHECK(bench.get().reconnected);
    CHECK_FALSE(bench.ask(Request{Method::patch, "/rest/a", "{\"x\":\"1\"}"}).reconnected);
    bench.ask(Request{Method::post, "/rest/b", "{}"});
    bench.get();
    CHECK(bench.server.requests().at(1).find("PATCH /rest/a ") == 0);
    CHECK(bench.server.requests().at(2).find("POST /rest/b ") == 0);
    CHECK(bench.server.requests().at(3).find("GET /rest/queue/tree ") == 0);
    CHECK(bench.server.requests().at(3).find("Content-Length") == std::string::npos);
    CHECK(bench.server.connections() == 1);
    CHECK(bench.client.counters().connections == 1);
    CHECK(bench.client.counters().requests == 4);
    CHECK(bench.client.counters().replies[static_cast<std::size_t>(RouterState::ok)] == 4);
    CHECK(bench.client.counters().bytes_received > 0);
}

TEST_CASE("a kept connection's request is written before start() returns") {
    Bench bench;
    bench.server.answer(http_reply(200, "[]"));
    bench.get();
    bench.reply.reset();
    bench.client.start(Request{Method::patch, "/rest/queue/tree/*1", "{}"});
    // The loop has not run since: the bytes are in the server's socket already, or they are late.
    CHECK(true_without_loop([&] { return bench.server.bytes_waiting() > 0; }));
    bench.server.answer(http_reply(200, "{}"));
    CHECK(run_until(bench.loop, [&] { return bench.reply.has_value(); }));
}

TEST_CASE("a proxy in the environment is not used") {
    REQUIRE(setenv("http_proxy", "http://127.0.0.1:9", 1) == 0);
    REQUIRE(setenv("ALL_PROXY", "http://127.0.0.1:9", 1) == 0);
    {
        Bench bench;
        bench.server.answer(http_reply(200, "[]"));
        CHECK(bench.get().state == RouterState::ok);
    }
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
}

TEST_CASE("a redirect is not followed") {
    Bench bench;
    bench.server.answer(
        "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n");
    const Reply reply = bench.get();
    CHECK(reply.state == RouterState::failing);
    CHECK(reply.status == 302);
}

TEST_CASE("no message and no reply holds the password") {
    Bench bench;
    bench.server.answer(http_reply(401, R"({"error":401,"message":"Unauthorized"})"));
    const Reply refused = bench.get();
    CHECK(refused.state == RouterState::unauthorized);
    CHECK(refused.error.message.find("s3cret") == std::string::npos);
    bench.server.go_away();
    const Reply gone = bench.get();
    CHECK(gone.state == RouterState::unreachable);
    CHECK(gone.error.message.find("s3cret") == std::string::npos);
}

TEST_CASE("a reply longer than the bound is cut off and named") {
    RestOptions options;
    options.max_reply_bytes = 1000;
    Bench bench(options);
    bench.server.answer(http_reply(200, std::string(1001, ' ')));
    const Reply reply = bench.get();
    CHECK(reply.state == RouterState::bad_reply);
    CHECK(reply.abandoned);
    bench.server.answer(http_reply(200, std::string(1000, ' ')));
    CHECK(bench.get().state == RouterState::ok);
}

TEST_CASE("a connection that ends within the reply is unreachable, not a short reply") {
    Bench bench;
    bench.server.answer("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n[{\"na", true);
    const Reply reply = bench.get();
    CHECK(reply.state == RouterState::unreachable);
    CHECK_FALSE(reply.abandoned);
}

TEST_CASE("what does not speak HTTP is named so") {
    Bench bench;
    bench.server.answer("SSH-2.0-ROSSSH\r\n", true);
    const Reply reply = bench.get();
    CHECK(reply.state == RouterState::bad_reply);
    CHECK(reply.error.message.find("does not speak HTTP") != std::string::npos);
}

TEST_CASE("an idle connection the router has closed is replaced without a failure") {
    Bench bench;
    bench.server.answer(http_reply(200, "[]"), true);
    bench.server.answer(http_reply(200, "[]"));
    bench.get();
    bench.loop.restart();
    bench.loop.poll();
    const Reply second = bench.get();
    CHECK(second.state == RouterState::ok);
    CHECK(second.reconnected);
    CHECK(bench.server.connections() == 2);
}

TEST_CASE("the end of a connection that nobody uses is told once for each connection") {
    Bench bench;
    int ended = 0;
    bench.client.watch_idle_connection([&] { ++ended; });
    bench.server.answer(http_reply(200, "[]"));
    bench.server.answer(http_reply(200, "[]"), true);
    bench.server.answer(http_reply(200, "[]"));
    bench.get();
    // What ends while it is used, or not at all, is no news.
    bench.loop.restart();
    bench.loop.poll();
    CHECK(ended == 0);
    bench.get();
    REQUIRE(run_until(bench.loop, [&] { return ended == 1; }));
    bench.loop.restart();
    bench.loop.poll();
    CHECK(ended == 1);
    CHECK(bench.get().reconnected);
    bench.server.go_away();
    CHECK(run_until(bench.loop, [&] { return ended == 2; }));
}

TEST_CASE("a host name is resolved off the loop") {
    Bench bench;
    std::string url = bench.server.url();
    url.replace(url.find("127.0.0.1"), 9, "localhost");
    RestOptions options;
    std::optional<Reply> reply;
    options.url = url;
    RestClient client(bench.loop, bench.clock, options, [&](Reply&& r) { reply = std::move(r); });
    bench.server.answer(http_reply(200, "[]"));
    client.start(Request{Method::get, "/rest/queue/tree", {}});
    REQUIRE(run_until(bench.loop, [&] { return reply.has_value(); }));
    CHECK(reply->state == RouterState::ok);
}

TEST_CASE("a client may go while its request is in flight") {
    boost::asio::io_context loop;
    SystemClock clock;
    test::ScriptedServer server{loop};
    bool called = false;
    {
        RestOptions options;
        options.url = server.url();
        RestClient client(loop, clock, options, [&](Reply&&) { called = true; });
        client.start(Request{Method::get, "/rest/queue/tree", {}});
        REQUIRE(run_until(loop, [&] { return !server.requests().empty(); }));
    }
    server.answer(http_reply(200, "[]"));
    loop.restart();
    loop.run_for(std::chrono::milliseconds(50));
    CHECK_FALSE(called);
}

TEST_CASE("an unanswered request ends at its total limit and is called abandoned") {
    RestOptions options;
    options.request_timeout = std::chrono::milliseconds(200);
    Bench bench(options);
    const Reply reply = bench.get();
    CHECK(reply.state == RouterState::unreachable);
    CHECK(reply.abandoned);
    CHECK(reply.error.kind == ErrorKind::timeout);
}
