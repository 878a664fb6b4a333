// The mends of the law through the real program: what the record says of them, and what a recording
// looks like with and without.
#include <sstream>

#include <fmt/format.h>
#include <rapidjson/document.h>

#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

constexpr auto kConfig = R"(wan = "mends"
compat = "{}"
[router]
url = "https://127.0.0.1"
user = "nobody"
password_env = "NOT_NEEDED"
[queues]
download = "d"
upload = "u"
[probe]
reflectors = ["127.0.0.1"]
[baseline]
initial_ms = 25.0
[download]
ceiling_mbps = 940.0
floor_mbps = 200.0
step_up_mbps = 10.0
factor_down = 0.85
[upload]
ceiling_mbps = 38.0
floor_mbps = 8.0
step_up_mbps = 1.0
factor_down = 0.90
)";

// The baseline of the last row of a replay.
double baseline_after(const std::string& compat, const std::string& recording) {
    const TempDir files;
    const auto config = files.write("mends.toml", fmt::format(kConfig, compat));
    const auto input = files.write("path.jsonl", recording);
    const auto ended =
        run_to_end({autorate_program(), "replay", "--config", config, "--input", input});
    INFO(ended.err);
    REQUIRE(ended.code == 0);
    const auto last = ended.out.rfind('\n', ended.out.size() - 2) + 1;
    rapidjson::Document document;
    REQUIRE_FALSE(document.Parse(ended.out.substr(last).c_str()).HasParseError());
    return document["baseline_rtt_ms"].GetDouble();
}

std::string rows(int count, double rtt_ms) {
    std::string text;
    for (int i = 0; i < count; ++i) text += fmt::format("{{\"t\": 0, \"rtt_ms\": {}}}\n", rtt_ms);
    return text;
}

}  // namespace

TEST_CASE("a recorded route that became 15 ms longer is learnt, but not under compat") {
    const std::string recording = rows(1000, 25) + rows(6100, 40);
    CHECK(baseline_after("none", recording) == Approx(40).margin(0.1));
    CHECK(baseline_after("v1.9", recording) == Approx(25).margin(0.1));
}

TEST_CASE("a recorded load of 58 ms that rises over half a minute is not learnt") {
    std::string recording = rows(1000, 25);
    for (int i = 0; i < 600; ++i) recording += rows(1, 25 + 58.0 * i / 600);
    recording += rows(1200, 83);
    CHECK(baseline_after("none", recording) < 25.5);
}

TEST_CASE("the record shows a path being learnt, and the log says so once") {
    AutorateRun run;
    // The line has 20 ms.
    run.config()
        .set("baseline.initial_ms", "8.0")
        .set("baseline.max_ms", "100.0")
        .set("reference.baseline_escape_s", "3.0");
    run.start();
    const auto state = [](const CycleRecord& record) {
        return static_cast<BaselineState>(record.baseline_state);
    };
    REQUIRE(run.until([&](const CycleRecord& record) {
        return state(record) == BaselineState::held && record.baseline_away_ms >= 500;
    }));
    const auto held = run.newest();
    REQUIRE(held);
    CHECK(held->baseline_least_us >= 19'000);
    CHECK(held->baseline_ns < 9'000'000);
    REQUIRE(run.until([](const CycleRecord& record) { return record.baseline_ns > 19'000'000; }));
    const auto records = run.records();
    const auto moved = std::count_if(records.begin(), records.end(), [&](const auto& record) {
        return record.fresh != 0 && state(record) == BaselineState::moved;
    });
    CHECK(moved == 1);
    REQUIRE(run.until([&](const CycleRecord& record) {
        return state(record) == BaselineState::following && record.baseline_away_ms == 0 &&
               record.baseline_least_us == kUnknownUs;
    }));
    CHECK(run.logged("the path changed") == 1);
}
