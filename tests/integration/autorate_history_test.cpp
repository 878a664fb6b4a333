// The real daemon's history: the same as its ring, whatever becomes of the file.
#include <csignal>
#include <filesystem>

#include <fmt/format.h>

#include "common/history/recorder.hpp"
#include "common/record/cycle_counters.hpp"
#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/wait_until.hpp"
#include "tests/unit/history/sql_file.hpp"

using namespace wanctl;
using namespace wanctl::test;
using history::StoreState;

namespace {

std::size_t threads_of(const ChildProcess& process) {
    const std::filesystem::directory_iterator tasks(fmt::format("/proc/{}/task", process.pid()));
    return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

std::uint64_t figure(const AutorateRun& run, CycleCounter counter) {
    return run.counter(static_cast<std::size_t>(counter));
}

bool until_store(const AutorateRun& run, StoreState state) {
    return wait_until([&] {
        return figure(run, CycleCounter::history_state) == static_cast<std::uint64_t>(state);
    });
}

struct Kept {
    explicit Kept(const SimSettings& settings = line_settings()) : run(settings) {
        run.config().set("history.enabled", "true").set("history.path", toml_string(path()));
    }
    [[nodiscard]] std::string path() const { return run.files().file("history.db"); }
    [[nodiscard]] SqlFile look() const { return SqlFile(path()); }
    // The ring's records but the writer's last, which is no slot.
    [[nodiscard]] std::vector<CycleRecord> slots() const {
        std::vector<CycleRecord> records = run.records();
        std::erase_if(
            records, [](const CycleRecord& record) { return (record.flags & kFlagStopping) != 0; });
        return records;
    }
    // How many of the ring's slots are not in the file as they are.
    [[nodiscard]] std::size_t missing() const {
        const SqlFile file = look();
        std::size_t count = 0;
        for (const CycleRecord& record : slots()) {
            const std::string rtt =
                record.fresh == 0 ? "IS NULL" : fmt::format("= {}", record.rtt_us);
            count += file.one(fmt::format(
                         "SELECT count(*) FROM cycles WHERE at_ms = {} AND slot = {} AND span_us = "
                         "50000 AND rtt_us {} AND baseline_us = {} AND down_bps = {} AND up_bps = "
                         "{} AND down_zone = {} AND up_zone = {}",
                         record.real_ns / 1'000'000, record.slot, rtt, record.baseline_ns / 1'000,
                         record.direction[0].wanted_bps, record.direction[1].wanted_bps,
                         record.direction[0].zone, record.direction[1].zone)) != "1";
        }
        return count;
    }

    AutorateRun run;
};

}  // namespace

TEST_CASE("a history that is off opens no file and starts no thread") {
    Kept kept;
    kept.run.config().set("history.enabled", "false");
    kept.run.start_and_settle();
    const std::size_t without = threads_of(kept.run.daemon());
    CHECK(figure(kept.run, CycleCounter::history_state) == 0);
    CHECK_FALSE(std::filesystem::exists(kept.path()));
    CHECK(kept.run.daemon().stop() == 0);
    CHECK_FALSE(std::filesystem::exists(kept.path()));

    kept.run.config().set("history.enabled", "true");
    kept.run.start_and_settle();
    CHECK(threads_of(kept.run.daemon()) == without + 1);
    REQUIRE(until_store(kept.run, StoreState::recording));
    CHECK(kept.run.daemon().stop() == 0);
}

TEST_CASE(
    "every slot of the ring is a row of the history, and changes of zone have their reasons") {
    Kept kept(line_settings(4));
    AutorateRun& run = kept.run;
    run.start_and_settle();
    REQUIRE(run.until([](const CycleRecord& record) {
        return zone_of(record, Direction::download) != Zone::green;
    }));
    run.daemon().signal(SIGHUP);
    REQUIRE(wait_until([&] { return run.logged("configuration re-read") == 1; }));
    REQUIRE(run.slots_pass(40));
    CHECK(run.daemon().stop() == 0);
    INFO(run.log());
    const auto records = kept.slots();
    const SqlFile look = kept.look();
    CHECK(look.one("SELECT count(*) FROM cycles") == std::to_string(records.size()));
    CHECK(kept.missing() == 0);
    CHECK(look.one("SELECT count(*) = 6 * (SELECT count(*) FROM cycles) + (SELECT count(*) FROM "
                   "transitions) FROM metrics") == "1");
    std::size_t changes = 0;
    for (const CycleRecord& record : records)
        for (const std::uint32_t flag : {kFlagDownloadChanged, kFlagUploadChanged})
            changes += (record.flags & flag) != 0;
    CHECK(changes > 0);
    CHECK(look.one("SELECT count(*) FROM metrics WHERE json_extract(labels, '$.reason') LIKE 'RTT "
                   "delta % threshold %'") == std::to_string(changes));
    CHECK(look.one("SELECT group_concat(kind) FROM (SELECT kind FROM events WHERE kind NOT LIKE "
                   "'router%' ORDER BY at_ms, n)") == "start,reload,stop");
    CHECK(look.one("SELECT json_extract(detail, '$.config.\"wan\"') FROM events WHERE kind = "
                   "'start'") == toml_string(kWan));
    CHECK(look.one("SELECT json_extract(detail, '$.config.\"router.password_file\"') FROM events "
                   "WHERE kind = 'start'") == "(secret)");
    CHECK(figure(run, CycleCounter::history_rows) == records.size());
    CHECK(figure(run, CycleCounter::history_lost) == 0);
    CHECK(figure(run, CycleCounter::history_state) == 0);
}

TEST_CASE("a daemon controls on beside a locked file, and stores all of it afterwards") {
    Kept kept;
    kept.run.start_and_settle();
    REQUIRE(until_store(kept.run, StoreState::recording));
    const std::uint64_t missed = figure(kept.run, CycleCounter::missed_slots);
    {
        const SqlFile other = kept.look();
        other.run("BEGIN EXCLUSIVE");
        REQUIRE(until_store(kept.run, StoreState::locked));
        REQUIRE(kept.run.slots_pass(60));
        CHECK(kept.run.newest()->fresh == 1);
        CHECK(figure(kept.run, CycleCounter::history_waiting) > 0);
        other.run("ROLLBACK");
    }
    REQUIRE(until_store(kept.run, StoreState::recording));
    CHECK(kept.run.logged("history: not recording") == 1);
    CHECK(kept.run.logged("history: recording again") == 1);
    INFO("missed " << figure(kept.run, CycleCounter::missed_slots) - missed);
    CHECK(kept.run.daemon().stop() == 0);
    CHECK(kept.missing() == 0);
    CHECK(figure(kept.run, CycleCounter::history_lost) == 0);
}

TEST_CASE("a killed daemon leaves a file to be read and gone on with") {
    Kept kept;
    kept.run.start_and_settle();
    REQUIRE(wait_until([&] { return figure(kept.run, CycleCounter::history_rows) > 20; }));
    kept.run.daemon().signal(SIGKILL);
    REQUIRE(kept.run.daemon().wait());
    const std::uint64_t told = figure(kept.run, CycleCounter::history_rows);
    const auto before = std::stoull(kept.look().one("SELECT count(*) FROM cycles"));
    CHECK(before >= told);
    kept.run.start_and_settle();
    // Another file from now on, while the daemon runs.
    const std::string other = kept.run.files().file("other.db");
    kept.run.config().set("history.path", toml_string(other));
    kept.run.files().write("autorate.toml", kept.run.config().text());
    kept.run.daemon().signal(SIGHUP);
    REQUIRE(wait_until([&] { return std::filesystem::exists(other); }));
    REQUIRE(until_store(kept.run, StoreState::recording));
    CHECK(kept.run.daemon().stop() == 0);
    CHECK(kept.look().one("PRAGMA integrity_check") == "ok");
    CHECK(std::stoull(kept.look().one("SELECT count(*) FROM cycles")) > before);
    CHECK(kept.look().one("SELECT group_concat(kind) FROM (SELECT kind FROM events ORDER BY at_ms, "
                          "n)") == "start,start");
    CHECK(SqlFile(other).one("SELECT group_concat(kind) FROM (SELECT kind FROM events ORDER BY "
                             "at_ms, n)") == "reload,stop");
    CHECK(SqlFile(other).one("SELECT count(*) FROM cycles") == std::to_string(kept.slots().size()));
}
