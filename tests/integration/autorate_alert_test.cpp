// Alerts through the real programs: raised, delivered and recovered; a bad rule beside good ones;
// what became of each in the history; the URL nowhere; and the tool's test of a sink.
#include <csignal>
#include <fstream>
#include <iterator>

#include <fmt/format.h>

#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/http_client.hpp"
#include "tests/support/webhook_receiver.hpp"
#include "tests/unit/history/sql_file.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

constexpr auto kToken = "s3cr3t-b8d1c07e";

std::string contents(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

std::string sink(const std::string& kind, const std::string& url_file) {
    return fmt::format(R"({{ kind = "{}", url_file = "{}" }})", kind, url_file);
}

}  // namespace

TEST_CASE("a lost router is told by webhook, and its return; a bad rule is left out alone") {
    AutorateRun run;
    const WebhookReceiver receiver({"500", "200"});
    const WebhookReceiver refuses({"404"});
    const std::string database = run.files().file("history.db");
    const std::string url_file =
        run.files().write("url", receiver.url() + "/" + kToken + "/hook\n");
    run.config()
        .set("alert", R"([{ type = "router_lost", sustain_s = 0,)"
                      R"( sinks = ["ops", "strict", "away", "plain"] },)"
                      R"( { type = "wan_offline", severity = "loud" }])")
        .set("sink.ops", sink("json", url_file))
        .set("sink.strict", sink("json", run.files().write("strict", refuses.url() + "/x\n")))
        // The port of nobody.
        .set("sink.away", sink("json", run.files().write("away", "http://127.0.0.1:9/x\n")))
        .set("sink.plain", R"({ kind = "log" })")
        .set("http.listen", toml_string("127.0.0.1:9101"))
        .set("history.enabled", "true")
        .set("history.path", toml_string(database));
    run.start_and_settle();
    CHECK(run.logged("alert.severity: \"loud\" is not known, allowed: one of \"info\", "
                     "\"warning\", \"critical\"; this [[alert]] is left out") == 1);
    CHECK(says(receiver.got(), "raised") == false);

    run.sim().command(R"({"cmd":"unreachable"})");
    INFO(run.log());
    CHECK(wait_until([&] { return says(receiver.got(), R"(\"phase\":\"raised\")"); }));
    run.sim().command(R"({"cmd":"clear"})");
    CHECK(wait_until([&] { return says(receiver.got(), R"(\"phase\":\"recovered\")"); }));
    INFO(receiver.got());
    CHECK(says(receiver.got(), std::string("\"path\": \"/") + kToken + "/hook\", \"status\": 500"));
    CHECK(says(receiver.got(), R"(\"type\":\"router_lost\")"));
    CHECK(says(receiver.got(), fmt::format(R"(\"wan\":\"{}\")", kWan)));
    CHECK(wait_until([&] { return run.logged("phase=recovered outcome=delivered") == 1; }));
    CHECK(run.logged("phase=raised outcome=delivered attempts=2") == 1);
    CHECK(wait_until([&] { return run.logged("phase=recovered outcome=refused") == 1; }));

    const std::string metrics = http_get(9101, "/metrics").body;
    const auto told = [&](const std::string& phase, int times) {
        return says(metrics, fmt::format("wanctl_alerts_total{{wan=\"{}\",type=\"router_lost\","
                                         "phase=\"{}\"}} {}\n",
                                         kWan, phase, times));
    };
    CHECK(told("raised", 1));
    CHECK(told("recovered", 1));
    const auto ended = [&](const std::string& sink_name, const std::string& outcome, int times) {
        return says(metrics, fmt::format("wanctl_alert_messages_total{{wan=\"{}\",sink=\"{}\","
                                         "outcome=\"{}\"}} {}\n",
                                         kWan, sink_name, outcome, times));
    };
    CHECK(ended("ops", "delivered", 2));
    CHECK(ended("strict", "refused", 2));
    CHECK(ended("plain", "delivered", 2));
    CHECK(ended("away", "delivered", 0));

    for (const char* what : {"cmdline", "environ"})
        CHECK_FALSE(says(contents(fmt::format("/proc/{}/{}", run.daemon().pid(), what)), kToken));
    CHECK(run.daemon().stop() == 0);
    CHECK_FALSE(says(run.log(), kToken));

    // What was never delivered is in the history as well: it ended with the daemon.
    const SqlFile history(database);
    const auto became = [&](const std::string& name, int attempts_shown = 9) {
        return history.one(fmt::format(
            "SELECT group_concat(each, '; ') FROM (SELECT detail->>'phase' || ' ' || "
            "(detail->>'outcome') || ' ' || min(detail->>'attempts', {}) AS each FROM events WHERE "
            "kind = 'alert' AND detail->>'sink' = '{}' AND detail->>'type' = 'router_lost' "
            "ORDER BY at_ms, n)",
            attempts_shown, name));
    };
    CHECK(became("ops") == "raised delivered 2; recovered delivered 1");
    CHECK(became("strict") == "raised refused 1; recovered refused 1");
    CHECK(became("away", 1) == "raised dropped 1; recovered dropped 0");
    CHECK(became("plain") == "raised delivered 1; recovered delivered 1");
    CHECK(history.one("SELECT count(*) FROM events WHERE kind = 'alert'") == "8");
    const std::string dump = contents(database) + contents(database + "-wal");
    CHECK(says(dump, "e2e: the router cannot be controlled"));
    CHECK_FALSE(says(dump, kToken));
}

TEST_CASE("an alert that outlives its daemon is not raised again, and told as over once") {
    AutorateRun run;
    const WebhookReceiver receiver;
    const auto posts = [&](const std::string& phase) {
        const std::string got = receiver.got();
        const std::string words = R"(\"phase\":\")" + phase;
        std::size_t count = 0;
        for (auto at = got.find(words); at != got.npos; at = got.find(words, at + 1)) ++count;
        return count;
    };
    const auto kept = [&](const std::string& words) {
        return wait_until(
            [&] { return says(contents(run.files().file(std::string(kWan) + ".state")), words); });
    };
    const auto started = [&](RouterState router) {
        run.start();
        const bool so = run.until(
            [router](const CycleRecord& now) { return now.slot > 40 && router_of(now) == router; });
        INFO(run.log());
        CHECK(so);
    };
    run.config()
        .set("alert", R"([{ type = "router_lost", sustain_s = 0, sinks = ["ops"] }])")
        .set("sink.ops", sink("json", run.files().write("url", receiver.url() + "/x\n")));
    run.start_and_settle();
    run.sim().command(R"({"cmd":"unreachable"})");
    CHECK(wait_until([&] { return posts("raised") == 1; }));
    CHECK(run.daemon().stop() == 0);
    started(RouterState::unreachable);
    CHECK(posts("raised") == 1);
    CHECK(posts("recovered") == 0);

    // It ends while no daemon is there.
    run.daemon().signal(SIGKILL);
    REQUIRE(run.daemon().wait());
    run.sim().command(R"({"cmd":"clear"})");
    started(RouterState::ok);
    CHECK(wait_until([&] { return posts("recovered") == 1; }));
    // Soon, not only after save_s or at the end.
    CHECK(kept(R"("raised":0)"));
    run.daemon().signal(SIGKILL);
    REQUIRE(run.daemon().wait());
    started(RouterState::ok);
    CHECK(posts("raised") == 1);
    CHECK(posts("recovered") == 1);
}

TEST_CASE("wanctl alert test tells how a sink takes a message") {
    AutorateRun run;
    const WebhookReceiver receiver({"204", "404"});
    const std::string url_file = run.files().write("url", receiver.url() + "/" + kToken + "\n");
    const std::string tls_file =
        run.files().write("tls", run.sim().https_url() + "/rest/" + kToken + "\n");
    run.config()
        .set("sink.ops", sink("ntfy", url_file))
        .set("sink.gone", sink("json", run.files().file("none")))
        .set("sink.stranger", sink("json", tls_file))
        .set("sink.known", fmt::format(R"({{ kind = "discord", url_file = "{}", ca_file = "{}" }})",
                                       tls_file, run.sim().ca_file()))
        .set("sink.quiet", R"({ kind = "log" })")
        .set("sink.bad", R"({ kind = "email" })");
    run.files().write("autorate.toml", run.config().text());
    const auto test = [&](const std::string& name) {
        Ended ended = run_wanctl({"alert", "test", "--sink", name, "--config", run.config_file()});
        CHECK_FALSE(says(ended.out + ended.err, kToken));
        return ended;
    };
    Ended ended = test("ops");
    INFO(ended.out << ended.err);
    CHECK(ended.code == 0);
    CHECK(says(ended.out, "sink ops (ntfy): delivered, answered 204 after"));
    CHECK(says(receiver.got(), "A test of sink ops"));
    CHECK(says(receiver.got(), "\"Title\": \"wanctl none: test raised\""));
    ended = test("ops");
    CHECK(ended.code == 1);
    CHECK(says(ended.out, "not delivered, answered 404"));
    // The simulated router stands for a receiver with an authority of its own.
    ended = test("stranger");
    CHECK(ended.code == 2);
    CHECK(says(ended.out, "not delivered, its certificate is not trusted"));
    ended = test("known");
    CHECK(ended.code == 1);
    CHECK(says(ended.out, "not delivered, answered 401"));
    ended = test("gone");
    CHECK(ended.code == 2);
    CHECK(says(ended.err, "URL file "));
    CHECK(test("quiet").code == 0);
    ended = test("nobody");
    CHECK(ended.code == 2);
    CHECK(says(ended.err, "no right [sink.nobody] in"));
    ended = test("bad");
    CHECK(ended.code == 2);
    CHECK(says(ended.err, "[sink.bad] is left out"));
    CHECK(run_wanctl({"alert", "test"}).code == 64);
    run.files().write("autorate.toml", "wan = 3\n");
    CHECK(test("ops").code == 3);
}
