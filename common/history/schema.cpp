#include "common/history/schema.hpp"

#include <memory>
#include <string>

#include <fmt/format.h>
#include <sqlite3.h>

namespace wanctl::history {

namespace {

constexpr const char* kTables = R"(
CREATE TABLE facts(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE cycles(id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, slot INTEGER NOT NULL,
    rtt_us INTEGER, baseline_us INTEGER NOT NULL, delta_us INTEGER,
    down_bps INTEGER NOT NULL, up_bps INTEGER NOT NULL, zones INTEGER NOT NULL);
CREATE INDEX cycles_at ON cycles(at_ms);
CREATE TABLE transitions(id INTEGER PRIMARY KEY, cycle INTEGER NOT NULL, at_ms INTEGER NOT NULL,
    direction INTEGER NOT NULL, zone_from INTEGER NOT NULL, zone_to INTEGER NOT NULL,
    delta_us INTEGER NOT NULL, threshold_us INTEGER NOT NULL, reason TEXT NOT NULL);
CREATE INDEX transitions_at ON transitions(at_ms);
CREATE TABLE events(id INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, kind TEXT NOT NULL,
    detail TEXT);
CREATE INDEX events_at ON events(at_ms);
CREATE VIEW metrics(timestamp, wan_name, metric_name, value, labels, granularity) AS
WITH line(name) AS (SELECT value FROM facts WHERE name = 'wan'),
each(at_ms, metric, value, labels) AS (
    SELECT at_ms, 'wanctl_rtt_ms', rtt_us / 1e3, NULL FROM cycles
    UNION ALL SELECT at_ms, 'wanctl_rtt_baseline_ms', baseline_us / 1e3, NULL FROM cycles
    UNION ALL SELECT at_ms, 'wanctl_rtt_delta_ms', delta_us / 1e3, NULL FROM cycles
    UNION ALL SELECT at_ms, 'wanctl_rate_download_mbps', down_bps / 1e6, NULL FROM cycles
    UNION ALL SELECT at_ms, 'wanctl_rate_upload_mbps', up_bps / 1e6, NULL FROM cycles
    UNION ALL SELECT at_ms, 'wanctl_state', zones % 4, '{"direction":"download"}' FROM cycles
    UNION ALL SELECT at_ms, 'wanctl_state', zone_to, json_object('direction',
        CASE direction WHEN 0 THEN 'download' ELSE 'upload' END, 'reason', reason)
        FROM transitions)
SELECT at_ms / 1000, name, metric, value, labels, 'raw' FROM each, line;
)";

tl::unexpected<Error> refusal(sqlite3* database) {
    return fail(ErrorKind::system, fmt::format("history: {}", sqlite3_errmsg(database)),
                sqlite3_extended_errcode(database));
}

using Statement = std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)>;

Statement prepared(sqlite3* database, const char* sql) {
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(database, sql, -1, &statement, nullptr);
    return {statement, &sqlite3_finalize};
}

Result<int> number(sqlite3* database, const char* sql) {
    const Statement statement = prepared(database, sql);
    if (!statement || sqlite3_step(statement.get()) != SQLITE_ROW) return refusal(database);
    return sqlite3_column_int(statement.get(), 0);
}

bool done(sqlite3* database, const std::string& sql) {
    return sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK;
}

bool tell_wan(sqlite3* database, std::string_view wan) {
    const Statement statement = prepared(database, "INSERT INTO facts VALUES('wan', ?1)");
    if (!statement) return false;
    sqlite3_bind_text(statement.get(), 1, wan.data(), static_cast<int>(wan.size()),
                      SQLITE_TRANSIENT);
    return sqlite3_step(statement.get()) == SQLITE_DONE;
}

}  // namespace

Result<void> prepare_schema(sqlite3* database, std::string_view wan) {
    const auto objects = number(database, "SELECT count(*) FROM sqlite_master");
    const auto application = number(database, "PRAGMA application_id");
    const auto version = number(database, "PRAGMA user_version");
    if (!objects || !application || !version) return refusal(database);
    const bool fresh = *objects == 0 && *application == 0 && *version == 0;
    if (!fresh && *application != kApplicationId) {
        return fail(ErrorKind::invalid_input,
                    "history: the file is another program's database; name another path");
    }
    if (*version > kSchemaVersion) {
        return fail(ErrorKind::unsupported,
                    fmt::format("history: the file has version {}, this program knows {}; use the "
                                "newer program or name another path",
                                *version, kSchemaVersion));
    }
    if (!fresh) return {};
    // Free pages can be given back in slices only when this comes before the first table.
    const std::string stamp = fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {};",
                                          kApplicationId, kSchemaVersion);
    const bool made = done(database, "PRAGMA auto_vacuum = INCREMENTAL; BEGIN IMMEDIATE") &&
                      done(database, kTables) && tell_wan(database, wan) &&
                      done(database, stamp + "COMMIT");
    if (made) return {};
    auto why = refusal(database);
    (void)done(database, "ROLLBACK");
    return why;
}

}  // namespace wanctl::history
