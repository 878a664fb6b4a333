#include "steering/rule/lint.hpp"

#include <map>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::steering;

namespace {

using Row = std::map<std::string, std::string>;

SetupNames names() {
    SteeringConfig config;
    config.primary = "cable";
    config.alternate = "dsl";
    config.rule.comment = "steer it";
    return setup_names(config);
}

routeros::Records records(const std::vector<Row>& rows) {
    std::string json;
    for (const auto& row : rows) {
        std::string fields;
        for (const auto& [key, value] : row) {
            fields += (fields.empty() ? "" : ",") + routeros::json_quoted(key) + ":" +
                      routeros::json_quoted(value);
        }
        json += (json.empty() ? "{" : ",{") + fields + "}";
    }
    return routeros::Records::parse("[" + json + "]").value();
}

// A router that is set up well; tests spoil it.
struct Router {
    Row rule{{".id", "*3"},
             {"chain", "prerouting"},
             {"action", "mark-connection"},
             {"connection-state", "new"},
             {"connection-mark", "no-mark"},
             {"new-connection-mark", "steer-dsl"},
             {"passthrough", "true"},
             {"comment", "steer it"},
             {"disabled", "true"}};
    Row companion{{".id", "*4"},
                  {"chain", "prerouting"},
                  {"action", "mark-routing"},
                  {"connection-mark", "steer-dsl"},
                  {"new-routing-mark", "via-dsl"},
                  {"passthrough", "false"}};
    std::vector<Row> mangle_more;
    Row fasttrack{{".id", "*1"},
                  {"chain", "forward"},
                  {"action", "fasttrack-connection"},
                  {"connection-mark", "no-mark"}};
    std::vector<Row> filter_before;
    std::vector<Row> tables{{{".id", "*0"}, {"name", "main"}, {"fib", ""}},
                            {{".id", "*1"}, {"name", "via-dsl"}, {"fib", ""}}};
    Row route{{".id", "*80000001"},
              {"dst-address", "0.0.0.0/0"},
              {"routing-table", "via-dsl"},
              {"active", "true"}};

    [[nodiscard]] std::vector<Finding> lint() const {
        std::vector<Row> mangle{rule, companion};
        mangle.insert(mangle.end(), mangle_more.begin(), mangle_more.end());
        return lint_of(mangle);
    }
    [[nodiscard]] std::vector<Finding> lint_of(const std::vector<Row>& mangle) const {
        auto filter = filter_before;
        filter.push_back(fasttrack);
        return steering::lint({records(mangle), records(filter), records(tables), records({route})},
                              names());
    }
    [[nodiscard]] std::string flaws() const { return flaws_of(lint()); }
    [[nodiscard]] static std::string flaws_of(const std::vector<Finding>& findings) {
        std::string all;
        for (const auto& finding : findings) {
            all += (all.empty() ? "" : " ") + std::string(name(finding.flaw));
        }
        return all;
    }
};

}  // namespace

TEST_CASE("a set-up that is right has no findings, with the rule on or off") {
    Router router;
    CHECK(router.flaws().empty());
    router.rule.erase("disabled");
    CHECK(router.flaws().empty());
    CHECK(findings_text(router.lint()).empty());
}

TEST_CASE("a rule that marks routing for new packets only is found, and made a pair of rules") {
    Router router;
    router.rule["action"] = "mark-routing";
    router.rule["new-routing-mark"] = "via-dsl";
    for (const auto* mark : {"", "no-mark"}) {
        router.rule["connection-mark"] = mark;
        const auto findings = router.lint();
        REQUIRE(Router::flaws_of(findings) == "marks_first_packet_only");
        CHECK(findings[0].text.find("*3") != std::string::npos);
        REQUIRE(findings[0].commands.size() == 2);
        CHECK(findings[0].commands[0] ==
              "/ip/firewall/mangle set *3 action=mark-connection new-connection-mark=steer-dsl "
              "connection-state=new connection-mark=no-mark passthrough=yes");
        CHECK(findings[0].commands[1].find("new-routing-mark=via-dsl") != std::string::npos);
    }
}

TEST_CASE("the rule has to be there, once, and to mark new connections") {
    Router router;
    SECTION("missing") {
        CHECK(Router::flaws_of(router.lint_of({router.companion})) == "rule_missing");
    }
    SECTION("twice") {
        auto second = router.rule;
        second[".id"] = "*9";
        router.mangle_more = {second};
        const auto findings = router.lint();
        REQUIRE(Router::flaws_of(findings) == "rule_ambiguous");
        CHECK(findings[0].text == "2 rules have the comment \"steer it\": *3, *9; only one may");
        CHECK(findings[0].commands ==
              std::vector<std::string>{
                  "/ip/firewall/mangle set *9 comment=\"not steering: steer it\""});
    }
    SECTION("another action") {
        router.rule["action"] = "accept";
        CHECK(router.flaws() == "wrong_action");
    }
    SECTION("marks standing connections") {
        router.rule.erase("connection-state");
        CHECK(router.flaws() == "moves_standing");
    }
    SECTION("marks the routing of all packets") {
        router.rule["action"] = "mark-routing";
        router.rule["new-routing-mark"] = "via-dsl";
        router.rule.erase("connection-state");
        CHECK(router.flaws() == "moves_standing");
    }
    SECTION("no passthrough") {
        router.rule["passthrough"] = "false";
        CHECK(router.flaws() == "first_packet_stays");
    }
}

TEST_CASE("the companion has to be there, enabled, after the rule, and for every packet") {
    Router router;
    SECTION("missing") {
        router.companion["connection-mark"] = "other";
        const auto findings = router.lint();
        REQUIRE(Router::flaws_of(findings) == "companion_missing");
        CHECK(findings[0].commands[0].find("connection-mark=steer-dsl action=mark-routing "
                                           "new-routing-mark=via-dsl passthrough=no") !=
              std::string::npos);
    }
    SECTION("disabled") {
        router.companion["disabled"] = "true";
        const auto findings = router.lint();
        REQUIRE(Router::flaws_of(findings) == "companion_disabled");
        CHECK(findings[0].commands[0] == "/ip/firewall/mangle enable *4");
    }
    SECTION("before the rule") {
        const auto findings = router.lint_of({router.companion, router.rule});
        REQUIRE(Router::flaws_of(findings) == "companion_too_early");
        CHECK(findings[0].commands[0] == "/ip/firewall/mangle move *3 destination=*4");
    }
    SECTION("for new packets only") {
        router.companion["connection-state"] = "new";
        CHECK(router.flaws() == "marks_first_packet_only");
    }
}

TEST_CASE("the routing table has to exist, forward, and lead out") {
    Router router;
    SECTION("removed") {
        router.companion["new-routing-mark"] = "*400";
        const auto findings = router.lint();
        REQUIRE(Router::flaws_of(findings) == "table_missing");
        CHECK(findings[0].commands[0] == "/routing/table add name=via-dsl fib");
        CHECK(findings[0].commands[2] == "/ip/firewall/mangle set *4 new-routing-mark=via-dsl");
    }
    SECTION("never there") {
        router.tables.pop_back();
        CHECK(router.flaws() == "table_missing");
    }
    SECTION("disabled") {
        router.tables[1]["disabled"] = "true";
        CHECK(router.flaws() == "table_missing");
    }
    SECTION("without fib") {
        router.tables[1].erase("fib");
        CHECK(router.flaws() == "table_without_fib");
    }
    SECTION("without a route") {
        router.route.erase("active");
        CHECK(router.flaws() == "table_without_route");
    }
}

TEST_CASE("fasttrack must leave marked connections alone") {
    Router router;
    SECTION("no matcher") {
        router.fasttrack.erase("connection-mark");
        const auto findings = router.lint();
        REQUIRE(Router::flaws_of(findings) == "fasttrack_swallows");
        CHECK(findings[0].commands[0] == "/ip/firewall/filter set *1 connection-mark=no-mark");
    }
    SECTION("all but another mark") {
        router.fasttrack["connection-mark"] = "!other";
        CHECK(router.flaws() == "fasttrack_swallows");
    }
    SECTION("all but this mark") {
        router.fasttrack["connection-mark"] = "!steer-dsl";
        CHECK(router.flaws().empty());
    }
    SECTION("disabled") {
        router.fasttrack.erase("connection-mark");
        router.fasttrack["disabled"] = "true";
        CHECK(router.flaws().empty());
    }
    SECTION("marked connections are accepted before it") {
        router.fasttrack.erase("connection-mark");
        router.filter_before = {
            {{".id", "*7"}, {"action", "accept"}, {"connection-mark", "steer-dsl"}}};
        CHECK(router.flaws().empty());
    }
}

TEST_CASE("several flaws are all found, with ids and commands in the text") {
    Router router;
    router.companion["disabled"] = "true";
    router.tables.pop_back();
    router.fasttrack.erase("connection-mark");
    CHECK(router.flaws() == "companion_disabled table_missing fasttrack_swallows");
    const auto text = findings_text(router.lint());
    CHECK(text.find("companion_disabled: rule *4,") == 0);
    CHECK(text.find("\n    /ip/firewall/mangle enable *4\n") != std::string::npos);
}

TEST_CASE("what a router's names hold cannot leave its line") {
    Router router;
    router.companion["new-routing-mark"] = "evil\n/system/reset-configuration";
    const auto text = findings_text(router.lint());
    CHECK(text.find("\n/system") == std::string::npos);
}
