// A router that is away, slow, changed or wrong while wanctl-steering wants the rule switched: soon
// after it answers again the rule is right, and one cause has switched it once.
#include <csignal>
#include <functional>

#include <fmt/format.h>
#include <rapidjson/document.h>

#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/full_run.hpp"
#include "tests/support/private_network.hpp"
#include "tests/support/steering_run.hpp"
#include "tests/support/wait_until.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

constexpr auto kAdmin = "admin";
constexpr auto kAdminPassword = "admin-password";

// What somebody does to the router; `wanted`: what the rule is to be under the fault.
using Deed = std::function<void(SimProcess&, bool wanted)>;

Deed command(const std::string& json) {
    return [json](SimProcess& sim, bool) { sim.command(json); };
}
Deed both(const Deed& first, const Deed& second) {
    return [=](SimProcess& sim, bool wanted) {
        first(sim, wanted);
        second(sim, wanted);
    };
}
const Deed kClear = command(R"({"cmd":"clear"})");
const Deed kNothing;  // it ends by itself
const Deed kDisconnect = command(R"({"cmd":"disconnect"})");

struct Fault {
    std::string name;
    Deed begin;
    RouterState router = RouterState::ok;  // that the record then shows
    RuleStatus rule = RuleStatus::ok;      // and this
    std::string told = {};                 // said once; empty: nothing need be said
    Deed end = kClear;
    bool after_a_while = false;  // an id read within a second is trusted over a new connection
};

std::string status(int code, const std::string& more = {}) {
    return fmt::format(R"({{"cmd":"status","status":{}{}}})", code, more);
}
std::string policies(const std::string& list) {
    return fmt::format(R"({{"cmd":"user","user":"wanctl","policies":"{}"}})", list);
}
std::string reboot(const std::string& ids) {
    return fmt::format(R"({{"cmd":"reboot","for_s":1,"ids":"{}"}})", ids);
}
std::string on_rule(const std::string& verb, const std::string& comment = kSteeringRule,
                    const std::string& more = {}) {
    return fmt::format(R"({{"cmd":"{}","comment":"{}"{}}})", verb, comment, more);
}
std::string rename_rule(const std::string& from, const std::string& to) {
    return on_rule("rule-set", from, fmt::format(R"(,"property":"comment","value":"{}")", to));
}

SimSettings settings() {
    SimSettings settings;
    settings.users.push_back({kAdmin, "read,write,api,rest-api", kAdminPassword});
    settings.more = {"--command-limit-s", "3"};
    return settings;
}

// An administrator at the mangle rules.
void administrate(SimProcess& sim, const std::string& method, const std::string& id,
                  const std::string& body) {
    const Ended done =
        run_to_end({"curl", "--silent", "--show-error", "--fail", "--noproxy", "*", "--user",
                    fmt::format("{}:{}", kAdmin, kAdminPassword), "--request", method, "--header",
                    "content-type: application/json", "--data", body,
                    sim.http_url() + "/rest/ip/firewall/mangle" + id});
    INFO(done.out << done.err);
    REQUIRE(done.code == 0);
}

// The rule is made anew, the last of all, and not as steering wants it.
void make_rule(SimProcess& sim, bool wanted) {
    administrate(
        sim, "PUT", "",
        fmt::format(
            R"({{"chain":"prerouting","connection-state":"new","connection-mark":"no-mark",)"
            R"("dscp":"46","in-interface-list":"LAN","action":"mark-connection",)"
            R"("new-connection-mark":"steer","passthrough":"yes","disabled":"{}",)"
            R"("comment":"{}"}})",
            wanted ? "yes" : "no", kSteeringRule));
}

// Of the two rules with the comment the first one goes: the id that steering knew.
void remove_first(SimProcess& sim, bool) {
    rapidjson::Document rules;
    rules.Parse(sim.command(R"({"cmd":"rules"})").c_str());
    for (const auto& rule : rules.GetArray()) {
        if (rule.HasMember("comment") && rule["comment"] == kSteeringRule)
            return administrate(sim, "DELETE", std::string("/") + rule[".id"].GetString(), "");
    }
    FAIL("there is no such rule");
}

// The faults of one test follow each other in one run: each must leave nothing behind.
class FaultRun {
  public:
    FaultRun() : run_(settings()) {
        // A rule tells more of itself once it has been switched.
        run_.set_rule(true);
        run_.set_rule(false);
        run_.start_and_settle();
        before_ = run_.configuration_without_ids();
    }

    // Quick counts want the rule on under the fault, full ones off again under it as well.
    void meet(const Fault& fault) {
        INFO(fault.name);
        pass(fault, true);
        if (full_run()) return pass(fault, false);
        run_.primary().calm();
        REQUIRE(run_.right_after("", false) < kRightWithinS);
    }

    void check_configuration() { CHECK(run_.configuration_without_ids() == before_); }

  private:
    void pass(const Fault& fault, bool wanted) {
        const auto before = run_.history().to_enabled.size();
        const auto said = fault.told.empty() ? 0 : run_.logged(fault.told);
        if (fault.after_a_while) {
            REQUIRE(run_.until(
                [](const SteeringRecord& now) { return now.rule_age_ns > 1'100'000'000; }));
        }
        fault.begin(run_.sim(), wanted);
        if (wanted) {
            run_.primary().congest();
        } else {
            run_.primary().calm();
        }
        REQUIRE(run_.until_state(wanted ? SteeringState::degraded : SteeringState::good));
        REQUIRE(run_.until([&](const SteeringRecord& record) {
            return record.router_state == static_cast<std::uint8_t>(fault.router) &&
                   record.rule_status == static_cast<std::uint8_t>(fault.rule);
        }));
        if (fault.end) {
            // Until the pauses between attempts are at their longest.
            if (full_run()) REQUIRE(run_.decisions_pass(200));
            fault.end(run_.sim(), wanted);
        }
        const double took = run_.right_after(fault.name, wanted);
        INFO(run_.log());
        CHECK(took < kRightWithinS);
        run_.sim().command(R"({"cmd":"clear"})");
        const auto toggles = run_.history().to_enabled;
        CHECK(toggles.size() == before + 1);
        CHECK(toggles.back() == wanted);
        if (!fault.told.empty()) CHECK(run_.logged(fault.told) == said + 1);
    }

    SteeringRun run_;
    std::string before_;
};

void meet_all(const std::vector<Fault>& faults) {
    FaultRun run;
    for (const Fault& fault : faults) run.meet(fault);
    run.check_configuration();
}

}  // namespace

TEST_CASE("a router that cannot be reached: the rule is right within 5 s, switched once") {
    meet_all({
        {"refused", command(R"({"cmd":"unreachable"})"), RouterState::unreachable},
        {"reset", command(R"({"cmd":"unreachable","mode":"reset"})"), RouterState::unreachable},
        {"accepted, never answered", command(R"({"cmd":"unreachable","mode":"drop"})"),
         RouterState::late},
        {"stopped", [](SimProcess& sim, bool) { sim.signal(SIGSTOP); }, RouterState::late,
         RuleStatus::ok, "", [](SimProcess& sim, bool) { sim.signal(SIGCONT); }},
        {"no free session", both(command(R"({"cmd":"max-sessions","n":0})"), kDisconnect),
         RouterState::unreachable},
    });
}

TEST_CASE("a network that swallows everything: the rule is right within 5 s, switched once") {
    // Noticed after 5 s without an acknowledgement and 3 s without a connection.
    meet_all({{"packets swallowed", [](SimProcess&, bool) { REQUIRE(set_loopback(false)); },
               RouterState::unreachable, RuleStatus::ok, "",
               [](SimProcess&, bool) { REQUIRE(set_loopback(true)); }}});
}

TEST_CASE("a slow router: the rule is right within 5 s, switched once") {
    meet_all({
        {"slow, 1 s a request",
         command(R"({"cmd":"slow","ms":1000})"),
         RouterState::ok,
         RuleStatus::ok,
         {},
         kNothing},
        {"slow, 2.5 s a request", command(R"({"cmd":"slow","ms":2500})"), RouterState::late},
        {"stalled until the router ends it",
         command(R"({"cmd":"stall","count":1})"),
         RouterState::late,
         RuleStatus::ok,
         {},
         kNothing},
    });
}

TEST_CASE("a router that restarts: the rule is right within 5 s, switched once, and no other") {
    meet_all({
        {"restart, ids kept",
         command(reboot("kept")),
         RouterState::unreachable,
         RuleStatus::ok,
         {},
         kNothing},
        {"restart, ids new",
         command(reboot("new")),
         RouterState::unreachable,
         RuleStatus::ok,
         {},
         kNothing},
        {"restart, ids swapped",
         command(reboot("swapped")),
         RouterState::unreachable,
         RuleStatus::ok,
         {},
         kNothing},
        {"web server damaged",
         both(command(R"({"cmd":"www-damage"})"), kDisconnect),
         RouterState::unreachable,
         RuleStatus::ok,
         {},
         kNothing},
    });
}

TEST_CASE("a router that refuses: the rule is right within 5 s, switched once") {
    meet_all({
        {"another password", command(R"({"cmd":"user","user":"wanctl","password":"changed"})"),
         RouterState::unauthorized},
        {"no policy rest-api", command(policies("read,write,api")), RouterState::unauthorized},
        {"no policy api", command(policies("read,write,rest-api")), RouterState::forbidden},
        {"no policy write", command(policies("read,api,rest-api")), RouterState::forbidden,
         RuleStatus::ok, "policy write"},
        {"500", command(status(500)), RouterState::failing},
        {"web page", command(R"({"cmd":"html"})"), RouterState::bad_reply, RuleStatus::ok,
         "a web page instead"},
    });
}

TEST_CASE("a write without a trusted answer: the rule is right within 5 s, switched once") {
    meet_all({
        {"done, but 500 is answered",
         command(status(500, R"(,"method":"PATCH","count":1,"apply":true)")),
         RouterState::ok,
         RuleStatus::ok,
         {},
         kNothing},
        {"done, but the answer is cut",
         command(R"({"cmd":"spoil","how":"cut","method":"PATCH","count":1})"),
         RouterState::ok,
         RuleStatus::ok,
         {},
         kNothing},
        {"done, but the answer is empty",
         command(R"({"cmd":"spoil","how":"empty","method":"PATCH","count":1})"),
         RouterState::ok,
         RuleStatus::ok,
         {},
         kNothing},
        {"done, but the answer is another menu's",
         command(R"({"cmd":"spoil","how":"other","method":"PATCH","count":1})"),
         RouterState::ok,
         RuleStatus::ok,
         {},
         kNothing},
        {"the connection was closed", kDisconnect, RouterState::ok, RuleStatus::ok, {}, kNothing},
        {"logins expired",
         command(R"({"cmd":"logins-expire"})"),
         RouterState::ok,
         RuleStatus::ok,
         {},
         kNothing},
    });
}

TEST_CASE("a rule that is renamed, deleted or doubled: named, and right within 5 s of its return") {
    FaultRun run;
    run.meet({"renamed", both(command(rename_rule(kSteeringRule, "parked")), kDisconnect),
              RouterState::ok, RuleStatus::missing, "has the comment",
              command(rename_rule("parked", kSteeringRule)), true});
    run.check_configuration();
    run.meet({"deleted, made anew", command(on_rule("rule-delete")), RouterState::ok,
              RuleStatus::missing, "has the comment", make_rule});
    run.meet({"there twice, the first deleted",
              both(command(on_rule("rule-duplicate")), kDisconnect), RouterState::ok,
              RuleStatus::ambiguous, "2 rules in", remove_first, true});
}
