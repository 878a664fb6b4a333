// `wanctl-autorate replay`: recordings through the real program.
#include <algorithm>
#include <fstream>
#include <sstream>

#include <fmt/format.h>
#include <rapidjson/document.h>

#include "tests/golden/series.hpp"
#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

std::string mbps(Rate rate) {
    return fmt::format("{}", static_cast<double>(rate.bps) / 1e6);
}

void set_direction(TomlText& config, const std::string& name, const DirectionConfig& direction,
                   const std::string& floors) {
    config.set(name + ".ceiling_mbps", mbps(direction.ceiling))
        .set(name + ".floor_mbps", floors)
        .set(name + ".step_up_mbps", mbps(direction.step_up))
        .set(name + ".factor_down", fmt::format("{}", direction.factor_down.value))
        .set(name + ".factor_down_yellow", fmt::format("{}", direction.factor_down_yellow.value))
        .set(name + ".green_required", fmt::format("{}", direction.green_required));
}

// What a user would write for the law that a recorded series was made with.
TomlText config_of(const AutorateConfig& law) {
    TomlText config;
    const auto& floor = law.direction[0].floor.zone;
    config.set("wan", toml_string("golden"))
        .set("compat", toml_string("v1.9"))
        .set("router.url", toml_string("https://127.0.0.1"))
        .set("router.user", toml_string("nobody"))
        .set("router.password_env", toml_string("NOT_NEEDED"))
        .set("queues.download", toml_string("d"))
        .set("queues.upload", toml_string("u"))
        .set("probe.reflectors", R"(["127.0.0.1"])")
        .set("baseline.initial_ms", fmt::format("{}", law.baseline.initial.count()))
        .set("baseline.min_ms", fmt::format("{}", law.baseline.min.count()))
        .set("baseline.max_ms", fmt::format("{}", law.baseline.max.count()))
        .set("baseline.time_constant_s", fmt::format("{}", law.baseline.time_constant.count()))
        .set("baseline.update_threshold_ms",
             fmt::format("{}", law.baseline.update_threshold.count()))
        .set("load.time_constant_s", fmt::format("{}", law.load_time_constant.count()))
        .set("thresholds.target_ms", fmt::format("{}", law.thresholds.target.count()))
        .set("thresholds.warn_ms", fmt::format("{}", law.thresholds.warn.count()))
        .set("thresholds.hard_red_ms", fmt::format("{}", law.thresholds.hard_red.count()))
        .set("reference.soft_red_required", fmt::format("{}", law.reference.soft_red_required));
    set_direction(config, "download", law.direction[0],
                  fmt::format("{{ green = {}, yellow = {}, soft_red = {}, red = {} }}",
                              mbps(floor[0]), mbps(floor[1]), mbps(floor[2]), mbps(floor[3])));
    set_direction(config, "upload", law.direction[1], mbps(law.direction[1].floor.zone[3]));
    return config;
}

std::string samples(const std::vector<golden::Row>& rows) {
    std::string text;
    for (std::size_t i = 0; i < rows.size(); ++i)
        text += fmt::format("{{\"t\": {:.2f}, \"rtt_ms\": {}}}\n", static_cast<double>(i) * 0.05,
                            rows[i].rtt_ms);
    return text;
}

// The program reads the file as its standard input.
Ended replay_stdin(const std::string& config, const std::string& input, const std::string& then) {
    return run_to_end({"bash", "-c",
                       "set -o pipefail; \"$0\" replay --config \"$1\" --input - < \"$2\" " + then,
                       autorate_program(), config, input});
}

struct Bench {
    TempDir files;
    golden::Series series = golden::load_series("pure-step");
    std::string config = files.write("golden.toml", config_of(series.config).text());
};

}  // namespace

TEST_CASE("a recorded series through the program has the recorded zones and rates") {
    const Bench bench;
    const auto input = bench.files.write("series.jsonl", samples(bench.series.rows));
    const auto ended =
        run_to_end({autorate_program(), "replay", "--config", bench.config, "--input", input});
    INFO(ended.err);
    REQUIRE(ended.code == 0);
    CHECK(replay_stdin(bench.config, input, "").out == ended.out);

    std::istringstream lines(ended.out);
    std::string line;
    std::size_t transitions = 0;
    std::size_t i = 0;
    for (; std::getline(lines, line); ++i) {
        INFO(line);
        REQUIRE(i < bench.series.rows.size());
        const auto& row = bench.series.rows[i];
        rapidjson::Document document;
        REQUIRE_FALSE(document.Parse(line.c_str()).HasParseError());
        REQUIRE(document["i"].GetUint64() == i);
        REQUIRE(document["dl_zone"].GetString() == name(row.zone[0]));
        REQUIRE(document["ul_zone"].GetString() == name(row.zone[1]));
        REQUIRE(document["dl_rate_bps"].GetInt64() == row.rate_bps[0]);
        REQUIRE(document["ul_rate_bps"].GetInt64() == row.rate_bps[1]);
        transitions += document.HasMember("transition") ? 1 : 0;
    }
    CHECK(i == bench.series.rows.size());
    CHECK(transitions > 0);
}

TEST_CASE("a bad line ends a replay with its number, after what came before it: exit 65") {
    const Bench bench;
    const auto input = bench.files.write("bad.jsonl",
                                         "{\"t\": 0, \"rtt_ms\": 25}\n{\"t\": 0.05, \"rtt_ms\": "
                                         "null}\n{\"t\": 0.1, \"rtt_ms\": \"x\"}\n");
    const auto ended =
        run_to_end({autorate_program(), "replay", "--config", bench.config, "--input", input});
    CHECK(ended.code == 65);
    CHECK(ended.err.starts_with("line 3: "));
    CHECK(std::count(ended.out.begin(), ended.out.end(), '\n') == 2);
    CHECK(says(ended.out, "\"rtt_ms\":null"));
}

TEST_CASE("a row of two million brackets is a bad line, not a crash") {
    const Bench bench;
    const auto input = bench.files.write(
        "deep.jsonl", std::string(2'000'000, '[') + std::string(2'000'000, ']') + "\n");
    const auto ended =
        run_to_end({autorate_program(), "replay", "--config", bench.config, "--input", input});
    CHECK(ended.code == 65);
    CHECK(ended.err.starts_with("line 1: "));
}

TEST_CASE("an input that cannot be read is bad input: exit 65, named") {
    const Bench bench;
    const auto missing = bench.files.file("nowhere.jsonl");
    const auto ended =
        run_to_end({autorate_program(), "replay", "--config", bench.config, "--input", missing});
    CHECK(ended.code == 65);
    CHECK(says(ended.err, missing));
}

TEST_CASE("a million rows are replayed, a line for each") {
    const Bench bench;
    const auto path = bench.files.file("million.jsonl");
    {
        std::ofstream file(path);
        for (int i = 0; i < 1'000'000; ++i)
            file << "{\"t\":" << i / 20.0 << ",\"rtt_ms\":" << 20 + (i * 7919LL % 101) << "}\n";
        REQUIRE(file.flush());
    }
    const auto ended = replay_stdin(bench.config, path, "| wc -l");
    INFO(ended.err);
    CHECK(ended.code == 0);
    CHECK(std::stoul(ended.out) == 1'000'000);
}
