#include "common/history/schema.hpp"

#include <string>

#include "tests/unit/history/sql_file.hpp"

using namespace wanctl;
using namespace wanctl::history;
using wanctl::test::SqlFile;

namespace {

const char* const kOneSlot =
    "INSERT INTO cycles VALUES(5999, 7, 50000, 25500, 22000, 3500, 850000000, 35000000, 0, 2)";

}  // namespace

TEST_CASE("a new file gets its tables, a file of this version stays as it is") {
    const SqlFile database;
    REQUIRE(prepare_schema(database.get(), cycle_layout(), "cable").has_value());
    CHECK(database.one("PRAGMA user_version") == std::to_string(kSchemaVersion));
    CHECK(database.one("PRAGMA application_id") == std::to_string(kApplicationId));
    CHECK(database.one("PRAGMA auto_vacuum") == "2");
    database.run("INSERT INTO events VALUES(1000, 1, 'start', NULL)");
    REQUIRE(prepare_schema(database.get(), cycle_layout(), "cable").has_value());
    CHECK(database.one("SELECT count(*) FROM events") == "1");
}

TEST_CASE("a newer file, another program's and another line's are refused and stay as they are") {
    const SqlFile newer;
    REQUIRE(prepare_schema(newer.get(), cycle_layout(), "cable").has_value());
    newer.run("PRAGMA user_version = 99");
    const auto refused = prepare_schema(newer.get(), cycle_layout(), "cable");
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().kind == ErrorKind::unsupported);
    CHECK(refused.error().message.find("version 99") != std::string::npos);
    CHECK(newer.one("PRAGMA user_version") == "99");

    const SqlFile foreign;
    foreign.run("CREATE TABLE t(x)");
    const auto other = prepare_schema(foreign.get(), cycle_layout(), "cable");
    REQUIRE_FALSE(other.has_value());
    CHECK(other.error().kind == ErrorKind::invalid_input);
    CHECK(foreign.one("SELECT count(*) FROM sqlite_master") == "1");

    const SqlFile dsl;
    REQUIRE(prepare_schema(dsl.get(), cycle_layout(), "dsl").has_value());
    for (const Layout* layout : {&cycle_layout(), &steering_layout()}) {
        const auto not_ours = prepare_schema(dsl.get(), *layout, "cable");
        REQUIRE_FALSE(not_ours.has_value());
        CHECK(not_ours.error().message.find("autorate \"dsl\"") != std::string::npos);
    }
}

TEST_CASE("an older file is brought forward by all its steps, or stays as it is") {
    const Migration good[] = {{1, "ALTER TABLE cycles ADD COLUMN more INTEGER;"},
                              {2, "CREATE TABLE later(x);"}};
    const SqlFile database;
    REQUIRE(prepare_schema(database.get(), cycle_layout(), "cable").has_value());
    database.run(kOneSlot);

    const Migration bad[] = {good[0], {2, "CREATE TABLE cycles(x);"}};
    REQUIRE_FALSE(prepare_schema(database.get(), cycle_layout(), "cable", bad).has_value());
    CHECK(database.one("PRAGMA user_version") == "1");
    CHECK(database.one("SELECT count(*) FROM pragma_table_info('cycles') WHERE name = 'more'") ==
          "0");

    REQUIRE(prepare_schema(database.get(), cycle_layout(), "cable", good).has_value());
    CHECK(database.one("PRAGMA user_version") == "3");
    CHECK(database.one("SELECT count(*) FROM cycles WHERE more IS NULL") == "1");
    CHECK(database.one("SELECT count(*) FROM later") == "0");
    // From the version it has, and to nothing when it is there.
    REQUIRE(prepare_schema(database.get(), cycle_layout(), "cable", good).has_value());
    CHECK_FALSE(prepare_schema(database.get(), cycle_layout(), "cable").has_value());
}

TEST_CASE("a slot is six metrics, and a transition's reason can be asked for") {
    const SqlFile database;
    REQUIRE(prepare_schema(database.get(), cycle_layout(), "cable").has_value());
    database.run(kOneSlot);
    CHECK(database.one("SELECT count(*) FROM metrics") == "6");
    CHECK(database.one("SELECT count(DISTINCT metric_name) FROM metrics") == "6");
    CHECK(database.one("SELECT value FROM metrics WHERE metric_name = 'wanctl_rtt_ms'") == "25.5");
    CHECK(database.one("SELECT value FROM metrics WHERE metric_name = "
                       "'wanctl_rate_download_mbps'") == "850.0");
    CHECK(database.one("SELECT timestamp || wan_name || granularity FROM metrics") == "5cableraw");
    CHECK(database.one("SELECT value || labels FROM metrics WHERE metric_name = 'wanctl_state'") ==
          "0{\"direction\":\"download\"}");
    database.run(
        "INSERT INTO cycles VALUES(6049, 8, 50000, NULL, 22000, NULL, 1000000, 1000000, 0, 0)");
    CHECK(database.one("SELECT count(*) FROM metrics") == "12");
    CHECK(database.one("SELECT avg(value) FROM metrics WHERE metric_name = 'wanctl_rtt_ms'") ==
          "25.5");
    database.run("INSERT INTO transitions VALUES(6049, 8, 1, 0, 2, 50300, 45000, 'it \"grew\"')");
    CHECK(database.one("SELECT json_extract(labels, '$.reason') FROM metrics "
                       "WHERE json_extract(labels, '$.direction') = 'upload'") == "it \"grew\"");
}

TEST_CASE("a bucket is six metrics too: averages, and the zone that lasted longest") {
    const SqlFile database;
    REQUIRE(prepare_schema(database.get(), cycle_layout(), "cable").has_value());
    database.run(
        "INSERT INTO minutes(at_ms, cycles, span_us, rtt_n, rtt_sum, baseline_n, delta_n, down_n, "
        "up_n, down_green_us, down_yellow_us, down_soft_red_us, down_red_us, up_green_us, "
        "up_yellow_us, up_soft_red_us, up_red_us) "
        "VALUES(60000, 4, 200000, 2, 51000, 0, 0, 0, 0, 100000, 0, 0, 100000, 200000, 0, 0, 0)");
    CHECK(database.one("SELECT count(*) FROM metrics WHERE granularity = '1m'") == "6");
    CHECK(database.one("SELECT value FROM metrics WHERE metric_name = 'wanctl_rtt_ms'") == "25.5");
    CHECK(database.one("SELECT value FROM metrics WHERE metric_name = 'wanctl_state'") == "3");
    CHECK(database.one("SELECT value FROM metrics WHERE metric_name = 'wanctl_rtt_delta_ms'") ==
          "NULL");
}

TEST_CASE("a decision of steering is four metrics, and a change of its state one more") {
    const SqlFile database;
    REQUIRE(prepare_schema(database.get(), steering_layout(), "steering").has_value());
    database.run("INSERT INTO cycles VALUES(5999, 7, 50000, 61000, 85, 1, 3)");
    CHECK(database.one("SELECT count(*) FROM metrics") == "4");
    CHECK(database.one("SELECT value FROM metrics WHERE metric_name = 'wanctl_steering_enabled'") ==
          "1");
    CHECK(database.one("SELECT value || labels FROM metrics WHERE metric_name = 'wanctl_state'") ==
          "3{\"source\":\"steering\"}");
    database.run("INSERT INTO transitions VALUES(6049, 8, 0, 0, 1, 61000, NULL, 'congested')");
    CHECK(database.one("SELECT value || json_extract(labels, '$.from_state') || "
                       "json_extract(labels, '$.to_state') || json_extract(labels, '$.reason') "
                       "FROM metrics WHERE metric_name = 'wanctl_steering_transition'") ==
          "1GOODDEGRADEDcongested");
}
