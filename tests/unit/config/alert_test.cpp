#include "common/config/alert_config.hpp"

#include "tests/unit/config/sample.hpp"

using namespace wanctl;
using namespace wanctl::test;
using namespace std::chrono_literals;

namespace {

struct Faulty {
    std::string text;     // what is added to a right file
    std::string message;  // its one omission
};

}  // namespace

TEST_CASE("alert rules and sinks are read with their defaults") {
    const Parsed<AutorateConfig> file =
        parsed(kSample +
               "[[alert]]\ntype = \"wan_offline\"\n"
               "[[alert]]\ntype = \"congestion_upload\"\nseverity = \"critical\"\nsustain_s = 0\n"
               "cooldown_s = 1.5\nsinks = [\"ops\", \"phone\", \"ops\"]\n"
               "[[alert]]\ntype = \"router_lost\"\nenabled = false\n"
               "[sink.ops]\nkind = \"discord\"\nurl_file = \"/etc/ops.url\"\n"
               "[sink.phone]\nkind = \"ntfy\"\nurl_file = \"/etc/n\"\nca_file = \"/etc/ca.pem\"\n"
               "[sink.quiet]\n");
    CHECK(file.warnings.empty());
    CHECK(messages(file.omissions).empty());
    const AlertConfig& alerts = file.config.alerts;
    REQUIRE(alerts.rules.size() == 2);
    CHECK(alerts.rules[0] ==
          AlertRule{AlertType::wan_offline, AlertSeverity::warning, 60s, 300s, {}});
    CHECK(alerts.rules[1] ==
          AlertRule{
              AlertType::congestion_upload, AlertSeverity::critical, 0s, 1500ms, {"ops", "phone"}});
    REQUIRE(alerts.sinks.size() == 3);
    REQUIRE(alerts.sink("phone") != nullptr);
    CHECK(*alerts.sink("phone") == SinkConfig{"phone", SinkKind::ntfy, "/etc/n", "/etc/ca.pem"});
    CHECK(alerts.sink("quiet")->kind == SinkKind::log);
    CHECK(alerts.sink("none") == nullptr);
}

TEST_CASE("a mistake in an alert or sink leaves out only that one, with place and remedy") {
    const std::vector<Faulty> cases{
        {"[[alert]]\ntype = \"blackout\"",
         "24:8: alert.type: \"blackout\" is not known, allowed: one of \"congestion_download\","},
        {"[[alert]]\ntype = \"steering_on\"", "24:8: alert.type: \"steering_on\" is not known"},
        {"[[alert]]\nseverity = \"info\"",
         "23:1: alert.type: is required, allowed: one of \"congestion_download\", "},
        {"[[alert]]\ntype = \"wan_offline\"\nseverity = \"loud\"",
         "25:12: alert.severity: \"loud\" is not known, allowed: one of \"info\", \"warning\", "
         "\"critical\"; this [[alert]] is left out"},
        {"[[alert]]\ntype = \"wan_offline\"\nsustain_s = -1",
         "25:13: alert.sustain_s: -1 is out of range, allowed: a number from 0 to 86400 s"},
        {"[[alert]]\ntype = \"wan_offline\"\ncooldown = 1",
         "25:1: alert.cooldown: unknown key, did you mean cooldown_s?; this [[alert]] is left out"},
        {"[[alert]]\ntype = \"wan_offline\"\nsinks = [\"ops\"]",
         "25:9: alert.sinks: \"ops\" is no sink of this file, allowed: names of [sink.NAME] "
         "sections (there are: \"good\"); this [[alert]] is left out"},
        {"[[alert]]\ntype = \"wan_offline\"\nsinks = [\"https://x.example/hunter2\"]",
         "25:9: alert.sinks: an entry is no sink of this file"},
        {"[sink.ops]\nkind = \"email\"",
         "24:8: sink.ops.kind: the value is not known, allowed: one of \"log\", \"json\", "
         "\"discord\", \"ntfy\"; [sink.ops] is left out"},
        {"[sink.ops]\nkind = \"ntfy\"",
         "23:1: sink.ops.url_file: is required with kind = \"ntfy\", allowed: the absolute path of "
         "a file whose first line is the URL; [sink.ops] is left out"},
        {"[sink.ops]\nkind = \"ntfy\"\nurl_file = \"https://ntfy.sh/hunter2\"",
         "25:12: sink.ops.url_file: is not an absolute path (its value is not shown)"},
        {"[sink.ops]\nkind = \"json\"\nurl = \"https://x.example/hunter2\"",
         "25:1: sink.ops.url: a literal URL is refused (its value is not shown), allowed: "
         "url_file"},
        {"[sink.ops]\nurl_file = \"/x\"",
         "24:12: sink.ops.url_file: is set, but the log has no URL"},
        {"[sink.ops]\nkind = \"json\"\nurl_file = \"/x\"\nca_file = \"x\"",
         "26:11: sink.ops.ca_file: is not an absolute path"},
        {"[sink.\"a b\"]", "23:1: sink.a b: is no name for a sink"},
        {"[sink.\"https://x.example/hunter2\"]",
         "23:1: sink.(a URL, not shown): is no name for a sink, allowed: letters, digits and . _ "
         "-; [sink.(a URL, not shown)] is left out"},
        {"[sink.ops]\n\"https://x.example/hunter2\" = 1",
         "24:1: sink.ops.(a URL, not shown): unknown key"},
        {"[[alert]]\ntype = \"https://x.example/hunter2\"",
         "24:8: alert.type: the value is not known, allowed: one of"},
        {"[sink.ops]\nkind = \"log\"\ntoken = \"hunter2\"", "25:1: sink.ops.token: unknown key"},
    };
    const std::string good =
        "[[alert]]\ntype = \"router_lost\"\nsinks = [\"good\"]\n[sink.good]\nkind = \"log\"\n";
    for (const Faulty& faulty : cases) {
        INFO(faulty.text);
        const Parsed<AutorateConfig> file = parsed(kSample + faulty.text + "\n" + good);
        const std::string told = messages(file.omissions);
        INFO(told);
        CHECK(told.find("f.toml:" + faulty.message) == 0);
        CHECK(std::count(told.begin(), told.end(), '\n') >= 1);
        CHECK(told.find("is left out") != std::string::npos);
        CHECK(told.find("hunter2") == std::string::npos);
        REQUIRE(file.config.alerts.rules.size() == 1);
        CHECK(file.config.alerts.rules[0].type == AlertType::router_lost);
        REQUIRE(file.config.alerts.sinks.size() == 1);
    }
}

TEST_CASE("a rule keeps the sinks that are right, and is left out when none remains") {
    const std::string sinks =
        "[sink.bad]\nkind = \"json\"\n[sink.good]\nkind = \"json\"\nurl_file = \"/u\"\n";
    const Parsed<AutorateConfig> both = parsed(
        kSample + "[[alert]]\ntype = \"wan_offline\"\nsinks = [\"bad\", \"good\"]\n" + sinks);
    CHECK(both.omissions.size() == 1);
    REQUIRE(both.config.alerts.rules.size() == 1);
    CHECK(both.config.alerts.rules[0].sinks == std::vector<std::string>{"good"});
    const Parsed<AutorateConfig> one =
        parsed(kSample + "[[alert]]\ntype = \"wan_offline\"\nsinks = [\"bad\"]\n" + sinks);
    CHECK(one.config.alerts.rules.empty());
    CHECK(messages(one.omissions)
              .find("f.toml:25:9: alert.sinks: names only sinks that are left out themselves") ==
          0);
}

TEST_CASE("more alert rules than there may be are left out from the last on") {
    std::string text = kSample;
    for (std::size_t i = 0; i <= kMostAlertRules; ++i)
        text += "[[alert]]\ntype = \"flapping_upload\"\n";
    const Parsed<AutorateConfig> file = parsed(text);
    CHECK(file.config.alerts.rules.size() == kMostAlertRules);
    CHECK(messages(file.omissions).find("alert: is one too many, allowed: 64") !=
          std::string::npos);
}

TEST_CASE("the path of a URL is not told when it changes") {
    const auto at = [](const std::string& path) {
        return parsed(kSample + "[sink.ops]\nkind = \"json\"\nurl_file = \"" + path + "\"\n")
            .settings;
    };
    const auto changes = differences(at("/a"), at("/b"));
    REQUIRE(changes.size() == 1);
    CHECK(changes[0].key == "sink.ops.url_file");
    CHECK(changes[0].from.empty());
    CHECK(changes[0].to.empty());
}

TEST_CASE("steering has alert types of its own") {
    const auto file = parse_steering(
        "primary = \"a\"\nalternate = \"b\"\n[router]\nurl = \"https://192.0.2.1\"\nuser = \"u\"\n"
        "password_env = \"PW\"\n[rule]\ncomment = \"c\"\n"
        "[[alert]]\ntype = \"steering_on\"\nsustain_s = 0\n[[alert]]\ntype = \"wan_offline\"\n",
        "s.toml");
    REQUIRE(file);
    REQUIRE(file->config.alerts.rules.size() == 1);
    CHECK(file->config.alerts.rules[0].type == AlertType::steering_on);
    CHECK(messages(file->omissions)
              .find("s.toml:13:8: alert.type: \"wan_offline\" is not known, allowed: one of "
                    "\"steering_on\", \"steering_refused\", \"flapping\", \"router_lost\", "
                    "\"history_lost\"; this [[alert]] is left out") == 0);
}
