// The REST client against the simulated router: trust, connections, statuses.
#include <cstdlib>
#include <set>
#include <string>

#include <fmt/format.h>

#include "common/routeros/queue_tree.hpp"
#include "tests/integration/router_bench.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::routeros;
using namespace wanctl::test;

TEST_CASE("a certificate of the configured CA is trusted, any other is refused as untrusted") {
    SimProcess sim;
    SimProcess other;
    RestOptions options = trusting(sim);
    SECTION("the right CA") {
        CHECK(Asker(options).list().state == RouterState::ok);
    }
    SECTION("another CA") {
        options.ca_file = other.ca_file();
        const Reply reply = Asker(options).list();
        CHECK(reply.state == RouterState::untrusted);
        CHECK(reply.error.message.find("router.ca_file") != std::string::npos);
    }
    SECTION("the system's CAs") {
        options.ca_file.clear();
        CHECK(Asker(options).list().state == RouterState::untrusted);
    }
    SECTION("a CA file that is not there") {
        options.ca_file = "/nonexistent/ca.pem";
        const Reply reply = Asker(options).list();
        CHECK(reply.state == RouterState::untrusted);
        CHECK(reply.error.message.find("cannot be used") != std::string::npos);
    }
    SECTION("the right CA for another name") {
        options.url = fmt::format("https://localhost:{}", sim.https_port());
        CHECK(Asker(options).list().state == RouterState::untrusted);
    }
    SECTION("no check, only when asked for") {
        options.ca_file.clear();
        options.verify = false;
        CHECK(Asker(options).list().state == RouterState::ok);
    }
    CHECK(other.accepted_sockets() == 0);
}

TEST_CASE("a pinned key replaces chain and name, and only the right one fits") {
    SimProcess sim;
    RestOptions options = trusting(sim);
    options.ca_file.clear();
    options.url = fmt::format("https://localhost:{}", sim.https_port());
    options.pinned_public_key = sim.pin();
    CHECK(Asker(options).list().state == RouterState::ok);
    options.pinned_public_key = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    CHECK(Asker(options).list().state == RouterState::untrusted);
    options.verify = false;
    CHECK(Asker(options).list().state == RouterState::untrusted);
}

TEST_CASE("a thousand requests use one socket") {
    SimProcess sim;
    Asker asker(trusting(sim));
    const Reply list = asker.list();
    const auto pair = find_queues(list.body, {"WAN-Download", "WAN-Upload"});
    REQUIRE(pair);
    for (int i = 1; i <= 999; ++i) {
        const std::string path = patch_path((*pair)[0].id);
        const std::string body = patch_body(Rate{50'000'000 + i});
        const Reply reply = asker.ask(Request{Method::patch, path, body});
        REQUIRE(reply.state == RouterState::ok);
        REQUIRE(read_queue(reply.body)->max_limit == Rate{50'000'000 + i});
    }
    CHECK(sim.accepted_sockets() == 1);
    CHECK(asker.counters().connections == 1);
    CHECK(sim.requests("PATCH") == 999);
}

TEST_CASE("the query for two queues finds them among others") {
    SimSettings settings;
    settings.queues = {"A:1M", "WAN-Upload:20M", "B", "WAN-Download:100M"};
    SimProcess sim(settings);
    Asker asker(trusting(sim));
    const QueueNames names{"WAN-Download", "WAN-Upload"};
    const Reply reply = asker.ask(Request{Method::post, print_path(), print_body({&names, 1})});
    REQUIRE(reply.state == RouterState::ok);
    const auto pair = find_queues(reply.body, names);
    REQUIRE(pair);
    CHECK((*pair)[0].max_limit == 100_mbit);
    CHECK((*pair)[1].max_limit == 20_mbit);
    CHECK(reply.body.find("\"A\"") == std::string::npos);
    const Reply whole = asker.ask(Request{Method::get, list_path(), {}});
    CHECK(find_queues(whole.body, names)->at(0).max_limit == 100_mbit);
}

TEST_CASE("proxies in the environment are not asked") {
    SimProcess sim;
    for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
        setenv(name, "http://127.0.0.1:9", 1);
    CHECK(Asker(trusting(sim)).list().state == RouterState::ok);
    for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"})
        unsetenv(name);
}

TEST_CASE("401, 403, 404, 415, 500 and a web page each give their own message") {
    SimProcess sim;
    Asker asker(trusting(sim));
    struct Row {
        const char* fault;
        RouterState state;
        const char* says;
    };
    const Row rows[] = {
        {R"({"cmd":"status","status":401,"count":1})", RouterState::unauthorized, "(401)"},
        {R"({"cmd":"status","status":403,"count":1})", RouterState::forbidden, "(403)"},
        {R"({"cmd":"status","status":404,"count":1})", RouterState::failing, "(404)"},
        {R"({"cmd":"status","status":415,"count":1})", RouterState::failing, "(415)"},
        {R"({"cmd":"status","status":500,"count":1,"detail":"failure: x"})", RouterState::failing,
         "(500): failure: x"},
        {R"({"cmd":"status","status":200,"count":1,"html":true})", RouterState::bad_reply,
         "web page"},
    };
    std::set<std::string> messages;
    for (const Row& row : rows) {
        sim.command(row.fault);
        const Reply reply = asker.list();
        INFO(row.fault << ": " << reply.error.message);
        CHECK(reply.state == row.state);
        CHECK(reply.error.message.find(row.says) != std::string::npos);
        messages.insert(reply.error.message);
        CHECK(asker.list().state == RouterState::ok);
    }
    CHECK(messages.size() == std::size(rows));
}

TEST_CASE("a wrong password is unauthorized, and no message holds it") {
    SimProcess sim;
    const Reply reply = Asker(trusting(sim), "hunter2").list();
    CHECK(reply.state == RouterState::unauthorized);
    CHECK(reply.error.message.find("hunter2") == std::string::npos);
}
