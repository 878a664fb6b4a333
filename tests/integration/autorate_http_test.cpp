// The HTTP interface of the real wanctl-autorate: what good readers get, and that bad ones cost the
// slots nothing.
#include <csignal>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>
#include <rapidjson/document.h>

#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/http_client.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

constexpr std::uint16_t kPort = 9101;  // of the test's own namespace
const std::string kUrl = "http://127.0.0.1:9101";

AutorateRun& with_http(AutorateRun& run) {
    run.config().set("http.listen", toml_string("127.0.0.1:9101"));
    return run;
}

Ended curl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"curl", "-sS", "--max-time", "10"});
    return run_to_end(arguments);
}

bool until_health(int status) {
    return wait_until([&] { return http_get(kPort, "/health").status == status; });
}

rapidjson::Document json_of(const std::string& text) {
    rapidjson::Document document;
    document.Parse(text.c_str());
    INFO(text);
    REQUIRE(document.IsObject());
    return document;
}

std::size_t threads_named(const ChildProcess& process, const std::string& name) {
    std::size_t count = 0;
    for (const auto& task :
         std::filesystem::directory_iterator(fmt::format("/proc/{}/task", process.pid()))) {
        std::string found;
        std::getline(std::ifstream(task.path() / "comm"), found);
        count += found == name;
    }
    return count;
}

void reload(AutorateRun& run, const std::string& answer) {
    const auto before = run.logged(answer);
    run.files().write("autorate.toml", run.config().text());
    run.daemon().signal(SIGHUP);
    INFO(run.log());
    REQUIRE(wait_until([&] { return run.logged(answer) == before + 1; }));
}

}  // namespace

TEST_CASE("curl reads health, status and metrics of a daemon at work, and sees it fall ill") {
    AutorateRun run;
    const std::string socket = run.files().file("http.sock");
    with_http(run)
        .config()
        .set("http.socket", toml_string(socket))
        .set("probe.fallback.max_s", "1");
    run.start_and_settle();
    REQUIRE(until_health(200));

    const Ended health = curl({"--fail", kUrl + "/health"});
    CHECK(health.code == 0);
    const auto told = json_of(health.out);
    CHECK(std::string(told["status"].GetString()) == "healthy");
    CHECK(std::string(told["wans"][0]["name"].GetString()) == kWan);
    CHECK(told["wans"][0]["measurement"]["active_reflector_hosts"].GetInt() == 3);
    CHECK(json_of(curl({kUrl + "/"}).out)["wan_count"].GetInt() == 1);

    const Ended alive = curl({"-i", kUrl + "/healthz"});
    CHECK(says(alive.out, "HTTP/1.1 200 OK"));
    CHECK(alive.out.size() < 100);
    CHECK(says(curl({"-0", "-i", kUrl + "/healthz"}).out, "HTTP/1.0 200 OK"));
    CHECK(says(curl({"-I", kUrl + "/metrics"}).out, "text/plain; version=0.0.4"));

    // The same record by another way.
    const auto before = *run.newest();
    const Ended status = curl({"--unix-socket", socket, "http://wanctl/status"});
    const auto record = json_of(status.out);
    const auto& newest = record["wans"][0]["newest"];
    CHECK(newest["slot"].GetUint64() >= before.slot);
    CHECK(newest["interval_ns"].GetUint() == before.interval_ns);
    CHECK(record["wans"][0]["counters"]["slots"].GetUint64() >= before.slot);

    const Ended metrics = curl({"--fail", kUrl + "/metrics"});
    CHECK(metrics.code == 0);
    CHECK(says(metrics.out, "wanctl_state{wan=\"e2e\",direction=\"download\"} 0\n"));
    CHECK(says(metrics.out, "wanctl_router_requests_total{wan=\"e2e\",kind=\"write\""));
    CHECK(says(metrics.out, "wanctl_http_answers_total{code=\"2xx\"}"));
    CHECK_FALSE(says(curl({kUrl + "/metrics?names=base"}).out, "_ms{"));
    CHECK(says(curl({kUrl + "/metrics?names=all"}).out, "_ms{"));
    CHECK(http_get(kPort, "/metrics?names=bogus").status == 400);
    CHECK(says(http_get(kPort, "/metrics?names=bogus").body,
               R"(names: \"bogus\", allowed: all, base)"));
    CHECK(says(curl({"-w", "%{http_code}", kUrl + "/steering"}).out, "404"));
    CHECK(says(curl({"-w", "%{http_code}", kUrl + "/metrics/history"}).out,
               "history is not enabled"));

    run.sim().command(R"({"cmd":"blackout","on":true})");
    REQUIRE(until_health(503));
    CHECK(says(http_get(kPort, "/health").body, "\"condition\":\"blackout\""));
    CHECK(http_get(kPort, "/healthz").status == 503);
    run.sim().command(R"({"cmd":"blackout","on":false})");
    REQUIRE(until_health(200));
    run.sim().stop();
    REQUIRE(until_health(503));
    CHECK(says(http_get(kPort, "/health").body, "\"is_reachable\":false"));
    CHECK(run.daemon().stop() == 0);
    CHECK_THROWS(HttpClient(socket));
}

TEST_CASE("the daemon's own history is read page by page by HTTP, while it grows") {
    AutorateRun run;
    with_http(run)
        .config()
        .set("history.enabled", "true")
        .set("history.path", toml_string(run.files().file("history.db")));
    run.start_and_settle();
    REQUIRE(until_health(200));
    const std::string all = "/metrics/history?range=1h&limit=10000&metrics=rtt_ms,wanctl_state";
    REQUIRE(wait_until([&] {
        const HttpAnswer answer = http_get(kPort, all);
        return answer.status == 200 && json_of(answer.body)["data"].Size() >= 60;
    }));
    CHECK(threads_named(run.daemon(), "history-reader") == 1);
    const auto first = json_of(http_get(kPort, all).body);
    const std::string from = first["metadata"]["from"].GetString();
    const std::string to = first["metadata"]["to"].GetString();
    rapidjson::SizeType read = 0;
    for (bool more = true; more;) {
        const auto page =
            json_of(curl({"--fail", fmt::format("{}/metrics/history?from={}&to={}&metrics=rtt_ms,"
                                                "wanctl_state&wan={}&limit=25&offset={}",
                                                kUrl, from, to, kWan, read)})
                        .out);
        for (const auto& entry : page["data"].GetArray()) {
            // What is stored meanwhile may belong to the span.
            if (read < first["data"].Size()) CHECK(entry == first["data"][read]);
            ++read;
        }
        more = page["metadata"]["more"].GetBool();
    }
    CHECK(read >= first["data"].Size());
    CHECK(first["data"][0]["wan_name"] == kWan);
    CHECK(first["data"][0]["metric_name"] == "wanctl_rtt_ms");
    CHECK(first["data"][0]["granularity"] == "raw");
    CHECK(http_get(kPort, "/metrics/history?limit=10001").status == 400);
    const HttpAnswer stranger = http_get(kPort, "/metrics/history?wan=lte");
    CHECK(stranger.status == 404);
    CHECK(says(stranger.body, kWan));

    run.config().set("history.enabled", "false");
    reload(run, "info configuration re-read");
    CHECK(http_get(kPort, "/metrics/history").status == 404);
    REQUIRE(wait_until([&] { return threads_named(run.daemon(), "history-reader") == 0; }));
    CHECK(run.daemon().stop() == 0);
}

TEST_CASE("65 connections, slow, deaf and broken readers cost no slot") {
    AutorateRun run;
    with_http(run).start_and_settle();
    REQUIRE(until_health(200));
    std::vector<std::unique_ptr<HttpClient>> crowd;
    for (int i = 0; i < 64; ++i) {
        crowd.push_back(std::make_unique<HttpClient>(kPort));
        crowd.back()->send("GET /health HTTP/1.1\r\nX-Slow: ");
    }
    // Of the reader before, a place may still be taken.
    HttpClient late(kPort);
    const auto full = late.answer();
    REQUIRE(full);
    CHECK(full->status == 503);
    const auto before = *run.newest();
    // Each has 5 s for its request, whatever it sends meanwhile.
    bool all = false;
    REQUIRE(wait_until([&] {
        for (const auto& slow : crowd) slow->send("x");
        all = true;
        for (const auto& slow : crowd) all = all && slow->ended(std::chrono::milliseconds(1));
        return all;
    }));
    CHECK(run.newest()->slot > before.slot + 50);
    REQUIRE(until_health(200));

    std::vector<std::unique_ptr<HttpClient>> mob;
    for (const std::string& bytes :
         {std::string(100'000, 'A'), std::string("\0\xff\0\xff", 4),
          "GET /health HTTP/1.1\r\nHost: w\r\nX: " + std::string(20'000, 'y'),
          std::string("POST /health HTTP/1.1\r\nHost: w\r\nContent-Length: 10\r\n\r\n0123456789"),
          http_request("/metrics") + http_request("/metrics") + http_request("/metrics")}) {
        mob.push_back(std::make_unique<HttpClient>(kPort));
        mob.back()->send(bytes);
    }
    // Sends ahead and never reads.
    HttpClient deaf(kPort);
    std::string flood;
    for (int i = 0; i < 200; ++i) flood += http_request("/metrics");
    deaf.send(flood);
    for (int i = 0; i < 20; ++i) CHECK(http_get(kPort, "/health").status == 200);
    REQUIRE(run.slots_pass(20));
    CHECK(run.newest()->measurement == static_cast<std::uint8_t>(MeasurementState::fresh));
    CHECK(run.daemon().running());
}

TEST_CASE("SIGHUP brings the interface, moves it, asks for a token, and takes it away") {
    AutorateRun run;
    run.start_and_settle();
    CHECK_THROWS(HttpClient(kPort));
    // The port is somebody else's at first.
    auto holder = std::make_unique<ChildProcess>(std::vector<std::string>{
        "python3", "-c",
        "import socket,time\ns=socket.socket()\ns.setsockopt(1,2,1)\ns.bind(('127.0.0.1',9101))\n"
        "s.listen()\nprint('ready',flush=True)\ntime.sleep(60)"});
    REQUIRE(wait_until([&] { return says(holder->out(), "ready"); }));
    with_http(run);
    reload(run, "info configuration re-read");
    REQUIRE(wait_until([&] { return run.logged("cannot listen for HTTP") == 1; }));
    holder.reset();
    REQUIRE(until_health(200));
    const auto slot = run.newest()->slot;

    const std::string token = run.files().write("token", "first-secret\n");
    run.config()
        .set("http.listen", toml_string("0.0.0.0:9103"))
        .set("http.token_file", toml_string(token));
    reload(run, "info configuration re-read");
    CHECK_THROWS(HttpClient(kPort));
    CHECK(http_get(9103, "/health").status == 401);
    CHECK(http_get(9103, "/health", "Authorization: Bearer first-secret\r\n").status == 200);
    run.files().write("token", "second-secret\n");
    reload(run, "configuration re-read: nothing has changed");
    CHECK(http_get(9103, "/health", "Authorization: Bearer first-secret\r\n").status == 401);
    CHECK(http_get(9103, "/health", "Authorization: Bearer second-secret\r\n").status == 200);
    run.files().write("token", "\n");
    reload(run, "error configuration not re-read: the old one stays");
    CHECK(http_get(9103, "/health", "Authorization: Bearer second-secret\r\n").status == 200);

    run.config().remove("http.listen").remove("http.token_file");
    reload(run, "info configuration re-read");
    CHECK_THROWS(HttpClient(9103));
    CHECK(run.newest()->slot >= slot);
    CHECK_FALSE(says(run.log(), "-secret"));
}

TEST_CASE("an address beyond this machine without a token, and an empty token, end the start") {
    AutorateRun run;
    run.config().set("http.listen", toml_string("0.0.0.0:9101"));
    run.start();
    CHECK(run.daemon().wait() == 78);
    CHECK(says(run.log(), "http.listen: can be reached from other machines and token_file is not"));
    run.config().set("http.token_file", toml_string(run.files().write("token", "")));
    run.start();
    CHECK(run.daemon().wait() == 78);
    CHECK(says(run.log(), "is empty, allowed: the token on its first line"));
}
