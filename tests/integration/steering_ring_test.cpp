// `wanctl shm` on the ring of the real wanctl-steering: every subcommand that reads, as text and as
// JSON.
#include <csignal>

#include <fmt/format.h>
#include <rapidjson/document.h>

#include "common/exit_code.hpp"
#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/steering_run.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

using Json = rapidjson::Document;

Ended shm_tool(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "shm");
    return run_wanctl(arguments);
}

std::string answer(const std::vector<std::string>& arguments, int code = tool_exit::kYes) {
    const Ended ended = shm_tool(arguments);
    INFO(fmt::format("{}", fmt::join(arguments, " ")));
    INFO(ended.out);
    CHECK(ended.err.empty());
    CHECK(ended.code == code);
    return ended.out;
}

Json json_answer(std::vector<std::string> arguments, int code = tool_exit::kYes) {
    arguments.emplace_back("--json");
    Json json;
    json.Parse(answer(arguments, code).c_str());
    REQUIRE_FALSE(json.HasParseError());
    return json;
}

}  // namespace

TEST_CASE("every subcommand of wanctl shm reads the ring of wanctl-steering") {
    SteeringRun run;
    run.start_and_settle();
    run.congest_and_wait();
    REQUIRE(run.until([](const SteeringRecord& record) {
        return record.rule_read == static_cast<std::uint8_t>(RuleState::enabled);
    }));
    const std::string pid = std::to_string(run.daemon().pid());

    const std::string list = answer({"list"});
    for (const char* word :
         {"NAME ", "steering         steering  live ", kPrimaryWan, kAlternateWan})
        CHECK(says(list, word));
    CHECK(says(list, pid));
    const Json all = json_answer({"list"});
    REQUIRE(all.IsArray());
    REQUIRE(all.Size() == 3);
    CHECK(all[2]["name"] == "steering");
    CHECK(all[2]["kind"] == "steering");
    CHECK(all[2]["liveness"] == "live");
    CHECK(all[2]["pid"].GetInt() == run.daemon().pid());
    CHECK(all[0]["kind"] == "cycle");

    const std::string shown = answer({"show", "steering"});
    for (const char* word :
         {"steering: steering records", "live, pid ", "DEGRADED", "newest record, number ",
          "rule_read                   enabled", "counters since start"})
        CHECK(says(shown, word));
    const Json show = json_answer({"show", "steering"});
    CHECK(show["liveness"] == "live");
    CHECK(show["decoded_by"] == "program");
    CHECK(show["fault"].IsNull());
    CHECK(show["newest"]["state"] == "DEGRADED");
    CHECK(show["newest"]["rule_read"] == "enabled");
    CHECK(show["newest"]["number"].GetUint64() < show["records"].GetUint64());
    CHECK(show["counters"]["enabled"].GetUint64() == 1);
    CHECK(show["counters"]["decisions"].GetUint64() > 0);

    CHECK(says(answer({"dump", "steering", "--last", "2"}), "DEGRADED"));
    const Json record = json_answer({"dump", "steering", "--last", "1"});
    CHECK(record["number"].GetUint64() >= show["newest"]["number"].GetUint64());
    CHECK(record["rule_wanted"] == "enabled");

    CHECK(says(answer({"stats", "steering", "--watch", "0.2"}), "between records"));
    const Json stats = json_answer({"stats", "steering", "--watch", "0.5"});
    CHECK(stats["name"] == "steering");
    CHECK(stats["lost"].GetUint64() == 0);
    CHECK(stats["backwards"].GetUint64() == 0);
    CHECK(stats["read"].GetUint64() == stats["records"].GetUint64());
    CHECK(stats["gap_ns"]["p50"].GetInt64() > 0);
    CHECK(stats["age_ns"]["count"].GetUint64() > 0);

    CHECK(says(answer({"verify", "steering"}), "steering: good; 4096 slots"));
    const Json verified = json_answer({"verify", "steering"});
    CHECK(verified["good"].GetBool());
    CHECK(verified["errors"].GetUint64() == 0);
    CHECK(verified["slots"].GetUint64() == 4096);
    CHECK(verified["texts"].Empty());

    run.daemon().signal(SIGKILL);
    REQUIRE(run.daemon().wait() == 128 + SIGKILL);
    CHECK(json_answer({"show", "steering"}, tool_exit::kNo)["liveness"] == "dead");
    CHECK(json_answer({"verify", "steering"})["good"].GetBool());
}
