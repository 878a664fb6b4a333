#include "common/history/schema.hpp"

#include <string>

#include <fmt/format.h>

#include "common/history/sqlite.hpp"
#include "common/history/transaction.hpp"

namespace wanctl::history {

namespace {

// The first version has nothing before it.
constexpr std::span<const Migration> kMigrations;

constexpr std::string_view kOtherTables = R"(
CREATE TABLE facts(name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE transitions(at_ms INTEGER, slot INTEGER, direction INTEGER,
    zone_from INTEGER NOT NULL, zone_to INTEGER NOT NULL, delta_us INTEGER, threshold_us INTEGER,
    reason TEXT NOT NULL, PRIMARY KEY(at_ms, slot, direction)) WITHOUT ROWID;
CREATE TABLE events(at_ms INTEGER, n INTEGER, kind TEXT NOT NULL, detail TEXT,
    PRIMARY KEY(at_ms, n)) WITHOUT ROWID;
)";

std::string cycles_table(const Layout& layout) {
    std::string sql = "CREATE TABLE cycles(at_ms INTEGER, slot INTEGER, span_us INTEGER NOT NULL, ";
    for (const Quantity& each : layout.quantities) sql += raw_column(each) + " INTEGER, ";
    for (const Axis& each : layout.axes) sql += fmt::format("{} INTEGER, ", each.column);
    return sql + "PRIMARY KEY(at_ms, slot)) WITHOUT ROWID;\n";
}

std::string tier_table(const Layout& layout, const Tier& tier) {
    std::string sql = fmt::format(
        "CREATE TABLE {}(at_ms INTEGER PRIMARY KEY, cycles INTEGER NOT NULL, span_us "
        "INTEGER NOT NULL",
        tier.table);
    for (const Quantity& each : layout.quantities) {
        sql += fmt::format(
            ", {0}_n INTEGER NOT NULL, {0}_min INTEGER, {0}_sum INTEGER, {0}_max "
            "INTEGER",
            each.stem);
        if (each.histogram) sql += fmt::format(", {}_hist BLOB", each.stem);
    }
    for (const Axis& axis : layout.axes)
        for (const std::string_view zone : axis.zones)
            sql += fmt::format(", {}_{}_us INTEGER NOT NULL", axis.stem, zone);
    return sql + ");\n";
}

std::string quoted_or_null(std::string_view text) {
    return text.empty() ? "NULL" : fmt::format("'{}'", text);
}

// The zone that lasted longest, of equals the worse.
std::string longest(const Axis& axis) {
    std::string all;
    for (const std::string_view zone : axis.zones)
        all += fmt::format("{}{}_{}_us", all.empty() ? "" : ", ", axis.stem, zone);
    std::string sql = "CASE";
    for (std::size_t i = axis.zones.size(); i-- > 0;)
        sql += fmt::format(" WHEN {}_{}_us > 0 AND {}_{}_us = max({}) THEN {}", axis.stem,
                           axis.zones[i], axis.stem, axis.zones[i], all, i);
    return sql + " END";
}

std::string metrics_view(const Layout& layout) {
    std::string rows;
    const auto add = [&rows](const std::string& value, std::string_view metric,
                             std::string_view labels, std::string_view granularity,
                             std::string_view table) {
        rows += fmt::format("SELECT at_ms, '{}', {}, {}, '{}' FROM {}\n    UNION ALL ", metric,
                            value, quoted_or_null(labels), granularity, table);
    };
    for (const Quantity& each : layout.quantities) {
        add(fmt::format("{} / {:.1f}", raw_column(each), each.per_metric), each.metric, "", "raw",
            "cycles");
        for (const Tier& tier : kTiers)
            add(fmt::format("{0}_sum / {1:.1f} / nullif({0}_n, 0)", each.stem, each.per_metric),
                each.metric, "", tier.granularity, tier.table);
    }
    for (const Axis& axis : layout.axes) {
        if (axis.metric.empty()) continue;
        add(std::string(axis.column), axis.metric, axis.labels, "raw", "cycles");
        for (const Tier& tier : kTiers)
            add(longest(axis), axis.metric, axis.labels, tier.granularity, tier.table);
    }
    return fmt::format(
        "CREATE VIEW metrics(timestamp, wan_name, metric_name, value, labels, granularity) AS\n"
        "SELECT at_ms / 1000, (SELECT value FROM facts WHERE name = 'wan'), metric, value, labels, "
        "granularity FROM (\n    SELECT 0 AS at_ms, '' AS metric, 0.0 AS value, '' AS labels, '' "
        "AS granularity WHERE 0\n    UNION ALL {}{});\n",
        rows, layout.transition_metrics);
}

Result<void> tell(sqlite3* database, std::string_view name, std::string_view value) {
    auto statement = Statement::prepare(database, "INSERT INTO facts VALUES(?1, ?2)");
    if (!statement) return tl::unexpected(statement.error());
    statement->bind_text(1, name);
    statement->bind_text(2, value);
    const auto done = statement->execute();
    if (!done) return tl::unexpected(done.error());
    return {};
}

Result<void> make_tables(sqlite3* database, const Layout& layout, std::string_view wan) {
    std::string sql(kOtherTables);
    sql += cycles_table(layout);
    for (const Tier& tier : kTiers) sql += tier_table(layout, tier);
    sql += metrics_view(layout);
    return run(database, sql).and_then([&] { return tell(database, "wan", wan); }).and_then([&] {
        return tell(database, "kind", layout.kind);
    });
}

std::string stamp(int version) {
    return fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {};", kApplicationId,
                       version);
}

Result<std::string> fact(sqlite3* database, const char* name) {
    auto statement = Statement::prepare(
        database, fmt::format("SELECT value FROM facts WHERE name = '{}'", name));
    if (!statement) return tl::unexpected(statement.error());
    const auto row = statement->step();
    if (!row) return tl::unexpected(row.error());
    return *row ? statement->text(0) : std::string();
}

Result<void> check_owner(sqlite3* database, const Layout& layout, std::string_view wan) {
    const auto kind = fact(database, "kind");
    if (!kind) return tl::unexpected(kind.error());
    const auto name = fact(database, "wan");
    if (!name) return tl::unexpected(name.error());
    if (*kind == layout.kind && *name == wan) return {};
    return fail(
        ErrorKind::invalid_input,
        fmt::format("the file holds the history of {} \"{}\"; name another path", *kind, *name));
}

}  // namespace

Result<void> prepare_schema(sqlite3* database, const Layout& layout, std::string_view wan) {
    return prepare_schema(database, layout, wan, kMigrations);
}

Result<void> prepare_schema(sqlite3* database, const Layout& layout, std::string_view wan,
                            std::span<const Migration> migrations) {
    const auto objects = number(database, "SELECT count(*) FROM sqlite_master");
    if (!objects) return tl::unexpected(objects.error());
    const auto application = number(database, "PRAGMA application_id");
    if (!application) return tl::unexpected(application.error());
    const auto found = number(database, "PRAGMA user_version");
    if (!found) return tl::unexpected(found.error());
    const int target = migrations.empty() ? kSchemaVersion : migrations.back().from + 1;

    if (*objects == 0 && *application == 0 && *found == 0) {
        // Free pages can be given back in slices only when this comes before the first table.
        return run(database, "PRAGMA auto_vacuum = INCREMENTAL").and_then([&] {
            return in_transaction(database, [&] {
                return make_tables(database, layout, wan).and_then([&] {
                    return run(database, stamp(kSchemaVersion));
                });
            });
        });
    }
    if (*application != kApplicationId) {
        return fail(ErrorKind::invalid_input,
                    "the file is another program's database; name another path");
    }
    if (*found > target) {
        return fail(ErrorKind::unsupported,
                    fmt::format("the file has version {}, this program knows {}; use the newer "
                                "program or name another path",
                                *found, target));
    }
    return check_owner(database, layout, wan).and_then([&]() -> Result<void> {
        if (*found == target) return {};
        return in_transaction(database, [&]() -> Result<void> {
            for (const Migration& each : migrations) {
                if (each.from < *found) continue;
                auto done = run(database, each.sql);
                if (!done) return done;
            }
            return run(database, stamp(target));
        });
    });
}

}  // namespace wanctl::history
