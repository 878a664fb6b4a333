// `wanctl-steering replay` and its other commands: recordings through the real program.
#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <rapidjson/document.h>

#include "tests/golden/steering_series.hpp"
#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/full_run.hpp"
#include "tests/support/toml_text.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

TomlText config_with(const std::string& policy) {
    TomlText config;
    config.set("primary", toml_string("cable"))
        .set("alternate", toml_string("dsl"))
        .set("router.url", toml_string("https://127.0.0.1"))
        .set("router.user", toml_string("nobody"))
        .set("router.password_env", toml_string("NOT_NEEDED"))
        .set("rule.comment", toml_string("ADAPTIVE: Steer latency-sensitive to WAN2"))
        .set("decide.policy", toml_string(policy));
    return config;
}

std::string row_text(std::size_t i, const golden::SteeringRow& row, const std::string& more = {}) {
    const std::string zone =
        row.zone.empty() ? std::string() : fmt::format(R"("zone": "{}", )", row.zone);
    return fmt::format("{{\"t\": {:.2f}, {}\"delta_ms\": {}, \"drops\": {}, \"queue\": {}{}}}\n",
                       static_cast<double>(i) * 0.05, zone, row.delta_ms, row.drops, row.queue,
                       more);
}

std::string rows_text(const std::vector<golden::SteeringRow>& rows, const std::string& more = {}) {
    std::string text;
    for (std::size_t i = 0; i < rows.size(); ++i) text += row_text(i, rows[i], more);
    return text;
}

struct Bench {
    TempDir files;

    Ended replay(const TomlText& config, const std::string& rows) {
        return run_to_end({WANCTL_STEERING, "replay", "--config",
                           files.write("steering.toml", config.text()), "--input",
                           files.write("rows.jsonl", rows)});
    }
};

std::vector<rapidjson::Document> documents(const Ended& ended) {
    INFO(ended.err);
    REQUIRE(ended.code == 0);
    std::vector<rapidjson::Document> out;
    std::istringstream lines(ended.out);
    for (std::string line; std::getline(lines, line);) {
        REQUIRE_FALSE(out.emplace_back().Parse(line.c_str()).HasParseError());
    }
    return out;
}

std::string action_of(const rapidjson::Document& row) {
    return row["action"].IsNull() ? "-" : row["action"].GetString();
}

// Rows of an action, with it: "60 ENABLE".
std::vector<std::string> actions(const std::vector<rapidjson::Document>& rows) {
    std::vector<std::string> out;
    for (const auto& row : rows) {
        if (action_of(row) != "-")
            out.push_back(fmt::format("{} {}", row["i"].GetInt(), action_of(row)));
    }
    return out;
}

}  // namespace

TEST_CASE("the recorded three-state series through the program has its assessments and actions") {
    Bench bench;
    const auto series = golden::load_three_state("steer-cycle");
    const auto rows = documents(bench.replay(config_with("three-state"), rows_text(series.rows)));
    REQUIRE(rows.size() == series.rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        CAPTURE(i);
        REQUIRE(rows[i]["i"].GetUint64() == i);
        REQUIRE(rows[i]["assess"].GetString() == series.rows[i].assess);
        REQUIRE(rows[i]["state"].GetString() == series.rows[i].state);
        REQUIRE(action_of(rows[i]) == series.rows[i].action);
        REQUIRE(rows[i]["score"].IsNull());
    }
}

TEST_CASE("the recorded scores come out of the program, and its decisions tell why") {
    Bench bench;
    const auto series = golden::load_confidence("conf-full");
    const auto rows = documents(bench.replay(config_with("confidence"), rows_text(series.rows)));
    REQUIRE(rows.size() == series.rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        CAPTURE(i);
        REQUIRE(rows[i]["score"].GetInt() == series.rows[i].score);
        REQUIRE(rows[i]["assess"].GetString() == series.rows[i].zone);
    }
    CHECK(actions(rows) == std::vector<std::string>{"60 ENABLE", "720 DISABLE"});
    CHECK(std::string(rows[60]["reason"].GetString()) ==
          "congested: score 75 reached 55 for 2.0 s: RED, rtt_high, queue_high (delta 100.0 ms, 0 "
          "drops, 60 packets waiting)");
    CHECK(std::string(rows[720]["reason"].GetString()).starts_with("recovered: "));
}

TEST_CASE("a dry run does nothing and says what it would have done") {
    Bench bench;
    const auto series = golden::load_confidence("conf-dryrun");
    TomlText config = config_with("confidence");
    config.set("decide.dry_run", "true");
    const auto rows = documents(bench.replay(config, rows_text(series.rows)));
    CHECK(actions(rows).empty());
    for (std::size_t i = 0; i < rows.size(); ++i) {
        REQUIRE(rows[i]["score"].GetInt() == series.rows[i].score);
    }
    CHECK(std::string(rows[60]["reason"].GetString()).starts_with("would ENABLE: congested: "));
    CHECK(std::string(rows[720]["reason"].GetString()).starts_with("would DISABLE: recovered: "));
}

TEST_CASE("the alternate of a recording is weighed") {
    const auto series = golden::load_confidence("conf-full");
    for (const char* alternate :
         {R"(, "alternate": "RED")", R"(, "alternate": "BLACKOUT")", R"(, "alternate": "SILENT")",
          R"(, "alternate": {"zone": "GREEN", "delta_ms": 200})"}) {
        Bench bench;
        const auto rows =
            documents(bench.replay(config_with("confidence"), rows_text(series.rows, alternate)));
        CAPTURE(alternate);
        CHECK(actions(rows).empty());
        CHECK(std::string(rows[70]["reason"].GetString()).starts_with("alt_"));
    }
    Bench bench;
    const auto rows = documents(
        bench.replay(config_with("confidence"),
                     rows_text(series.rows, R"(, "alternate": "GREEN", "wan_zone": "GREEN")")));
    CHECK(actions(rows).size() == 2);
}

TEST_CASE("a bad line ends steering's replay with its number: exit 65") {
    const std::string good =
        "{\"t\": 0, \"zone\": \"RED\", \"delta_ms\": 1, \"drops\": 0, \"queue\": 0}\n";
    struct Case {
        const char* line;
        const char* says;
    };
    for (
        const Case& each : {
            Case{"{", "line 2: column 2"},
            Case{"[1]", "not an object; a row is"},
            Case{R"({"zone": "RED", "delta_ms": 1, "drops": 0, "queue": 0})", "\"t\" is missing"},
            Case{R"({"t": 0, "zone": "RED", "delta_ms": 1, "drops": 0, "queue": 0})", "not above"},
            Case{R"({"t": 1, "delta_ms": 1, "drops": 0, "queue": 0})", "\"zone\" is missing"},
            Case{R"({"t": 1, "zone": "PINK", "delta_ms": 1, "drops": 0, "queue": 0})", "PINK"},
            Case{R"({"t": 1, "zone": "RED", "delta_ms": "x", "drops": 0, "queue": 0})", "delta_ms"},
            Case{R"({"t": 1, "zone": "RED", "delta_ms": 1, "drops": -1, "queue": 0})", "drops"},
            Case{R"({"t": 1, "zone": "RED", "delta_ms": 1, "drops": 0, "queue": 1e99})", "queue"},
            Case{R"({"t": 1, "zone": "RED", "delta_ms": 1, "drops": 0, "queue": 0, "wan_zone": 3})",
                 "wan_zone"},
            Case{
                R"({"t": 1, "zone": "RED", "delta_ms": 1, "drops": 0, "queue": 0, "alternate": 3})",
                "alternate"},
        }) {
        Bench bench;
        const auto ended = bench.replay(config_with("confidence"), good + each.line + "\n" + good);
        CAPTURE(each.line, ended.err);
        CHECK(ended.code == 65);
        CHECK(ended.err.starts_with("line 2: "));
        CHECK(says(ended.err, each.says));
        CHECK(std::count(ended.out.begin(), ended.out.end(), '\n') == 1);
    }
}

TEST_CASE("a hundred thousand rows are replayed, a line for each; a million under full counts") {
    Bench bench;
    const int rows = test::full_run() ? 1'000'000 : 100'000;
    const auto path = bench.files.file("many.jsonl");
    {
        std::ofstream file(path);
        for (int i = 0; i < rows; ++i) {
            file << "{\"t\":" << i / 20 << (i % 20 < 2 ? ".0" : ".") << i % 20 * 5
                 << ",\"zone\":\"GREEN\",\"delta_ms\":" << i * 7919LL % 101
                 << ",\"drops\":0,\"queue\":" << i % 60 << "}\n";
        }
        REQUIRE(file.flush());
    }
    const auto config = bench.files.write("steering.toml", config_with("confidence").text());
    const auto ended = run_to_end({"bash", "-c",
                                   "set -o pipefail; \"$0\" replay --config \"$1\" --input - < "
                                   "\"$2\" | wc -l",
                                   WANCTL_STEERING, config, path});
    INFO(ended.err);
    CHECK(ended.code == 0);
    CHECK(std::stoi(ended.out) == rows);
}

TEST_CASE("steering's configuration is checked and printed by the program") {
    Bench bench;
    const auto file = bench.files.write("steering.toml", config_with("confidence").text());
    CHECK(run_to_end({WANCTL_STEERING, "--check-config", "--config", file}).code == 0);
    CHECK(run_to_end({WANCTL_STEERING, "--check", "--config", file}).code == 0);
    const auto broken =
        bench.files.write("broken.toml", config_with("magic").remove("primary").text());
    const auto ended = run_to_end({WANCTL_STEERING, "--check-config", "--config", broken});
    CHECK(ended.code == 78);
    CHECK(says(ended.err, "primary: is required"));
    CHECK(says(ended.err, "decide.policy"));
    const auto reference = run_to_end({WANCTL_STEERING, "--print-config-reference"});
    CHECK(reference.code == 0);
    CHECK(says(reference.out, "hold_down_s = 30.0"));
    CHECK(run_to_end({WANCTL_STEERING}).code == 64);
    CHECK(run_to_end({WANCTL_STEERING, "--konfig"}).code == 64);
    CHECK(run_to_end({WANCTL_STEERING, "--help"}).code == 0);
}
