// The real steering daemon's history.
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "common/record/steering_counters.hpp"
#include "common/record/steering_fields.hpp"
#include "shm/segment_reader.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/steering_run.hpp"
#include "tests/support/wait_until.hpp"
#include "tests/unit/history/sql_file.hpp"

using namespace wanctl;
using namespace wanctl::test;

TEST_CASE("steering's decisions and toggles are in its history, and without one there is no file") {
    const TempDir dir;
    const std::string path = dir.file("steering.db");
    SteeringRun run;
    run.config().set("history.enabled", "false").set("history.path", toml_string(path));
    const auto threads = [&run] {
        const std::filesystem::directory_iterator tasks(
            fmt::format("/proc/{}/task", run.daemon().pid()));
        return std::distance(begin(tasks), end(tasks));
    };
    run.start_and_settle();
    const auto without = threads();
    CHECK_FALSE(std::filesystem::exists(path));

    // It begins with what the ring still has, all of it.
    run.config().set("history.enabled", "true");
    REQUIRE(run.reload("history: a new file is begun"));
    CHECK(threads() == without + 1);
    run.congest_and_wait();
    run.primary().calm();
    REQUIRE(run.until_rule(false));
    CHECK(run.daemon().stop() == 0);
    INFO(run.log());
    const auto ring = shm::SegmentReader<SteeringRecord>::attach("steering", steering_abi(), {});
    REQUIRE(ring);
    const SqlFile look(path);
    // Several decisions of one turn are one record, an action's record is there twice.
    std::set<std::uint64_t> told;
    SteeringRecord record;
    for (auto cursor = ring->from_oldest();
         cursor.next(record).status == shm::CursorStatus::record;)
        told.insert(record.slot);
    REQUIRE(told.size() > 2);
    CHECK(ring->counter(static_cast<std::size_t>(SteeringCounter::decisions)) >= told.size());
    CHECK(look.one("SELECT count(*) FROM cycles") == std::to_string(told.size()));
    CHECK(look.one("SELECT group_concat(kind) FROM (SELECT kind FROM events ORDER BY at_ms, n)") ==
          "reload,steering_on,steering_off,stop");
    CHECK(look.one("SELECT json_extract(detail, '$.cause') FROM events WHERE kind = "
                   "'steering_on'") == "congested");
    CHECK(look.one("SELECT group_concat(zone_to) FROM (SELECT zone_to FROM transitions ORDER BY "
                   "at_ms)") == "1,0");
    CHECK(
        look.one("SELECT max(value) FROM metrics WHERE metric_name = 'wanctl_steering_enabled'") ==
        "1");
    CHECK(ring->counter(static_cast<std::size_t>(SteeringCounter::history_rows)) == told.size());
}
