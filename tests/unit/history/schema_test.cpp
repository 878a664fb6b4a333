#include "common/history/schema.hpp"

#include <memory>
#include <string>

#include <sqlite3.h>

#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::history;

namespace {

class Database {
  public:
    Database() {
        sqlite3* opened = nullptr;
        REQUIRE(sqlite3_open(":memory:", &opened) == SQLITE_OK);
        handle_.reset(opened);
    }
    [[nodiscard]] sqlite3* get() const { return handle_.get(); }
    void run(const std::string& sql) const {
        REQUIRE(sqlite3_exec(get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    }
    [[nodiscard]] std::string one(const std::string& sql) const {
        std::string text;
        const auto keep = [](void* to, int, char** values, char**) {
            *static_cast<std::string*>(to) = values[0] == nullptr ? "NULL" : values[0];
            return 0;
        };
        REQUIRE(sqlite3_exec(get(), sql.c_str(), keep, &text, nullptr) == SQLITE_OK);
        return text;
    }

  private:
    std::unique_ptr<sqlite3, decltype(&sqlite3_close)> handle_{nullptr, &sqlite3_close};
};

}  // namespace

TEST_CASE("a new file gets its tables, a file of this version stays as it is") {
    const Database database;
    REQUIRE(prepare_schema(database.get(), "cable").has_value());
    CHECK(database.one("PRAGMA user_version") == std::to_string(kSchemaVersion));
    CHECK(database.one("PRAGMA application_id") == std::to_string(kApplicationId));
    CHECK(database.one("PRAGMA auto_vacuum") == "2");
    database.run("INSERT INTO events VALUES(NULL, 1000, 'start', NULL)");
    REQUIRE(prepare_schema(database.get(), "cable").has_value());
    CHECK(database.one("SELECT count(*) FROM events") == "1");
}

TEST_CASE("a newer file and another program's file are refused") {
    const Database newer;
    REQUIRE(prepare_schema(newer.get(), "cable").has_value());
    newer.run("PRAGMA user_version = 99");
    const auto refused = prepare_schema(newer.get(), "cable");
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().kind == ErrorKind::unsupported);
    CHECK(refused.error().message.find("version 99") != std::string::npos);

    const Database foreign;
    foreign.run("CREATE TABLE t(x)");
    const auto other = prepare_schema(foreign.get(), "cable");
    REQUIRE_FALSE(other.has_value());
    CHECK(other.error().kind == ErrorKind::invalid_input);
    CHECK(foreign.one("SELECT count(*) FROM sqlite_master") == "1");
}

TEST_CASE("a slot is six metrics, and a transition's reason can be asked for") {
    const Database database;
    REQUIRE(prepare_schema(database.get(), "cable").has_value());
    database.run(
        "INSERT INTO cycles VALUES(1, 5999, 7, 25500, 22000, 3500, 850000000, 35000000, 8)");
    CHECK(database.one("SELECT count(*) FROM metrics") == "6");
    CHECK(database.one("SELECT value FROM metrics WHERE metric_name = 'wanctl_rtt_ms'") == "25.5");
    CHECK(database.one("SELECT timestamp || wan_name || granularity FROM metrics") == "5cableraw");
    CHECK(database.one("SELECT value FROM metrics WHERE metric_name = 'wanctl_state'") == "0");
    database.run("INSERT INTO cycles VALUES(2, 6049, 8, NULL, 22000, NULL, 1000000, 1000000, 0)");
    CHECK(database.one("SELECT count(*) FROM metrics") == "12");
    CHECK(database.one("SELECT avg(value) FROM metrics WHERE metric_name = 'wanctl_rtt_ms'") ==
          "25.5");
    database.run(
        "INSERT INTO transitions VALUES(1, 2, 6049, 1, 0, 2, 50300, 45000, 'it \"grew\"')");
    CHECK(database.one("SELECT json_extract(labels, '$.reason') FROM metrics "
                       "WHERE json_extract(labels, '$.direction') = 'upload'") == "it \"grew\"");
}
