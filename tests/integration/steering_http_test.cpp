// The HTTP interface of the real wanctl-steering, and both daemons read by a real Prometheus.
#include <fmt/format.h>
#include <rapidjson/document.h>

#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/steering_run.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

constexpr std::uint16_t kPort = 9102;  // of the test's own namespace

rapidjson::Document json_at(const std::string& path) {
    rapidjson::Document document;
    const HttpAnswer answer = http_get(kPort, path);
    document.Parse(answer.body.c_str());
    INFO(answer.body);
    REQUIRE(document.IsObject());
    return document;
}

bool until_health(int status) {
    return wait_until([&] { return http_get(kPort, "/health").status == status; });
}

}  // namespace

TEST_CASE("steering tells its state, its record and its metrics, and falls ill with its router") {
    SteeringRun run;
    run.config()
        .set("http.listen", toml_string("127.0.0.1:9102"))
        .set("history.enabled", "true")
        .set("history.path", toml_string(run.files().file("history.db")));
    run.start_and_settle();
    REQUIRE(until_health(200));
    CHECK_FALSE(json_at("/health")["steering"]["enabled"].GetBool());
    run.congest_and_wait();
    const auto health = json_at("/health");
    CHECK(health["steering"]["enabled"].GetBool());
    CHECK(std::string(health["steering"]["mode"].GetString()) == "active");
    CHECK(std::string(health["lines"][0]["name"].GetString()) == kPrimaryWan);
    CHECK(std::string(health["lines"][0]["ring"].GetString()) == "live");
    const auto record = json_at("/steering");
    CHECK(std::string(record["newest"]["state"].GetString()) == "DEGRADED");
    CHECK(record["counters"]["enabled"].GetInt() == 1);
    CHECK(json_at("/status")["kind"] == record["kind"]);
    const HttpAnswer metrics = http_get(kPort, "/metrics");
    CHECK(says(metrics.body, "wanctl_steering_enabled{wan=\"cable\"} 1\n"));
    CHECK(says(metrics.body,
               "wanctl_steering_transitions_total{wan=\"cable\",from=\"GOOD\",to=\"DEGRADED\"} 1"));
    CHECK(http_get(kPort, "/healthz").body == "ok\n");
    CHECK(http_get(kPort, "/nothing").status == 404);
    const std::string history = "/metrics/history?wan=steering&metrics=wanctl_steering_transition";
    REQUIRE(wait_until(
        [&] { return says(http_get(kPort, history).body, "\"to_state\":\"DEGRADED\""); }));
    CHECK(json_at(history)["data"].Size() == 1);
    CHECK(json_at(history)["data"][0]["value"].GetDouble() == 1);
    run.sim().stop();
    // It asks the router again when there is something to write.
    run.primary().calm();
    REQUIRE(until_health(503));
    CHECK(says(http_get(kPort, "/healthz").body, "not ok"));
    HttpClient garbage(kPort);
    garbage.send("\r\n\r\n\r\n");
    CHECK(garbage.answer()->status == 400);
    REQUIRE(run.decisions_pass(5));
}

TEST_CASE("SIGHUP brings steering's interface, asks for a token, and takes it away") {
    SteeringRun run;
    run.start_and_settle();
    CHECK_THROWS(HttpClient(kPort));
    run.config().set("http.listen", toml_string("127.0.0.1:9102"));
    REQUIRE(run.reload("info configuration re-read"));
    REQUIRE(until_health(200));
    run.congest_and_wait();
    run.config().set("http.token_file", toml_string(run.files().write("token", "a-secret\n")));
    REQUIRE(run.reload("info configuration re-read"));
    CHECK(http_get(kPort, "/health").status == 401);
    const auto health = http_get(kPort, "/health", "Authorization: Bearer a-secret\r\n");
    CHECK(health.status == 200);
    // What it shows is what it knew before.
    CHECK(says(health.body, "\"enabled\":true"));
    run.config().remove("http.listen").remove("http.token_file");
    REQUIRE(run.reload("info configuration re-read"));
    CHECK_THROWS(HttpClient(kPort));
    CHECK(run.rule_enabled());
    CHECK_FALSE(says(run.log(), "a-secret"));
}

TEST_CASE("a Prometheus, where it is installed, reads both daemons") {
    if (run_to_end({"/bin/sh", "-c", "command -v prometheus"}).code != 0) {
        WARN("skipped: no prometheus");
        return;
    }
    AutorateRun autorate;
    autorate.config().set("http.listen", toml_string("127.0.0.1:9101"));
    autorate.start_and_settle();
    SteeringRun steering;
    steering.config().set("http.listen", toml_string("127.0.0.1:9102"));
    steering.start_and_settle();
    const TempDir files;
    const std::string config =
        files.write("prometheus.yml",
                    "global: {scrape_interval: 200ms}\n"
                    "scrape_configs:\n"
                    "  - job_name: wanctl\n"
                    "    static_configs:\n"
                    "      - targets: ['127.0.0.1:9101', '127.0.0.1:9102']\n");
    ChildProcess prometheus({"prometheus", "--config.file=" + config,
                             "--storage.tsdb.path=" + files.file("data"),
                             "--web.listen-address=127.0.0.1:9190", "--log.level=warn"});
    const auto knows = [](const std::string& query, const std::string& answer) {
        return wait_until([&] {
            return says(
                http_get(9190, "/api/v1/query?query=" + query, "Connection: close\r\n").body,
                answer);
        });
    };
    INFO(prometheus.err());
    CHECK(knows("count(up==1)", "\"2\""));
    CHECK(knows("count(scrape_samples_scraped%3E100)", "\"1\""));
    CHECK(knows("wanctl_state%7Bwan=%22e2e%22,direction=%22upload%22%7D", "\"0\""));
    CHECK(knows("count(wanctl_steering_enabled)", "\"1\""));
    CHECK(knows("histogram_quantile(0.5,wanctl_cycle_duration_seconds_bucket)", "\"value\""));
    CHECK(prometheus.stop() == 0);
}
