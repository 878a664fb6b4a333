// The main job: the line's capacity steps down under load and up again.
#include <cstdlib>
#include <sstream>

#include <rapidjson/document.h>

#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

// "RTT delta {d}ms exceeded|fell below|is at {name} threshold {t}ms" as the log has it.
bool states_a_truth(const std::string& reason) {
    const auto number_after = [&reason](const std::string& words) {
        const auto at = reason.find(words);
        if (at == reason.npos) return -1.0;
        return std::strtod(reason.c_str() + at + words.size(), nullptr);
    };
    const double delta = number_after("RTT delta ");
    const double threshold = number_after(" threshold ");
    if (threshold < 0) return false;
    if (reason.find("ms exceeded ") != reason.npos) return delta > threshold;
    if (reason.find("ms fell below ") != reason.npos) return delta < threshold;
    return reason.find("ms is at ") != reason.npos && delta == threshold;
}

std::vector<std::string> transition_lines(const std::string& log) {
    std::vector<std::string> lines;
    std::istringstream in(log);
    for (std::string line; std::getline(in, line);) {
        if (line.find("zone changed") != line.npos) lines.push_back(line);
    }
    return lines;
}

bool rates_at_most(const CycleRecord& record, Rate download, Rate upload) {
    return record.direction[0].held_bps <= download.bps &&
           record.direction[1].held_bps <= upload.bps;
}

bool both_in(const CycleRecord& record, Zone zone) {
    return zone_of(record, Direction::download) == zone &&
           zone_of(record, Direction::upload) == zone;
}

// CLOCK_MONOTONIC as the simulator reads it.
std::int64_t simulator_now(AutorateRun& run) {
    return std::strtoll(run.sim().command(R"({"cmd":"now"})").c_str(), nullptr, 10);
}

// How long after `since` the router was first told to hold less.
Nanos first_decrease(AutorateRun& run, std::int64_t since) {
    rapidjson::Document changes;
    changes.Parse(run.sim().command(R"({"cmd":"history"})").c_str());
    auto first = Nanos::max();
    for (const auto& change : changes.GetArray()) {
        const Nanos after(change["steady_ns"].GetInt64() - since);
        if (after > Nanos(0) && change["to"].GetInt64() < change["from"].GetInt64())
            first = std::min(first, after);
    }
    return first;
}

bool was_in(const std::vector<CycleRecord>& records, Direction direction, Zone zone) {
    for (const auto& record : records) {
        if (zone_of(record, direction) == zone) return true;
    }
    return false;
}

}  // namespace

TEST_CASE("a line whose capacity steps down and up is followed, and every view agrees") {
    AutorateRun run(line_settings(2));
    run.start_and_settle();

    const std::int64_t stepped_at = simulator_now(run);
    run.sim().command(R"({"cmd":"capacity","download_kbit":12000,"upload_kbit":3000})");
    REQUIRE(run.until(
        [](const CycleRecord& record) { return rates_at_most(record, 14_mbit, 3500_kbit); }));
    REQUIRE(run.until([](const CycleRecord& record) { return both_in(record, Zone::green); }));

    // The promise from a line's change to the router's new limit, with most of a second to spare.
    CHECK(first_decrease(run, stepped_at) < std::chrono::seconds(2));

    run.sim().command(R"({"cmd":"capacity"})");
    const std::vector<CycleRecord> down = run.records();
    CHECK(was_in(down, Direction::download, Zone::red));
    CHECK(was_in(down, Direction::upload, Zone::red));
    REQUIRE(run.until(
        [](const CycleRecord& record) {
            return both_in(record, Zone::green) && record.direction[0].held_bps > 30'000'000 &&
                   record.direction[1].held_bps > 7'500'000;
        },
        2 * kPatience));
    REQUIRE(wait_until([&run] { return run.router_agrees(); }));

    // The log tells each transition that the records tell, and nothing untrue.
    std::size_t changes = 0;
    for (const auto& record : run.records()) {
        changes += (record.flags & kFlagDownloadChanged) != 0 ? 1 : 0;
        changes += (record.flags & kFlagUploadChanged) != 0 ? 1 : 0;
    }
    const auto lines = transition_lines(run.log());
    CHECK(lines.size() >= changes);
    CHECK(changes >= 4);
    for (const auto& line : lines) {
        INFO(line);
        CHECK(states_a_truth(line));
    }
    // The operator's tool shows the same as the ring and the router.
    const auto shown = run_wanctl({"shm", "show", kWan, "--json"});
    CHECK(shown.code == 0);
    rapidjson::Document view;
    REQUIRE_FALSE(view.Parse(shown.out.c_str()).HasParseError());
    const auto& record = view["newest"];
    CHECK(record["dl_held_bps"].GetInt64() == run.sim().max_limit(kDownloadQueue));
    CHECK(record["ul_held_bps"].GetInt64() == run.sim().max_limit(kUploadQueue));
    CHECK(record["dl_zone"].GetString() == std::string("GREEN"));
    CHECK(run.daemon().stop() == 0);
}
