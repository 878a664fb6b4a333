// The real daemon's history: the same as its ring, whatever becomes of the file.
#include <csignal>
#include <filesystem>

#include <fmt/format.h>

#include "common/history/recorder.hpp"
#include "common/record/cycle_counters.hpp"
#include "shm/layout.hpp"
#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/full_run.hpp"
#include "tests/support/wait_until.hpp"
#include "tests/unit/history/sql_file.hpp"

using namespace wanctl;
using namespace wanctl::test;
using history::StoreState;

namespace {

constexpr auto kRaised = "type=history_lost phase=raised";
constexpr auto kRecovered = "type=history_lost phase=recovered";
constexpr auto kAlertsTold =
    "SELECT group_concat(each, '; ') FROM (SELECT json_extract(detail, '$.phase') || ' ' || "
    "json_extract(detail, '$.outcome') AS each FROM events WHERE kind = 'alert' AND "
    "json_extract(detail, '$.type') = 'history_lost' ORDER BY at_ms, n)";

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
    // To the log, as soon as the history suffers.
    void alerts() { run.config().set("alert", R"([{ type = "history_lost", sustain_s = 0 }])"); }
    [[nodiscard]] std::string path() const { return run.files().file("history.db"); }
    [[nodiscard]] SqlFile look() const { return SqlFile(path()); }
    // What `wanctl history` says of the last hour.
    [[nodiscard]] std::string told(const std::string& options) const {
        ChildProcess tool({"sh", "-c",
                           fmt::format("exec {} history --json --step raw --db {} {}",
                                       wanctl_program(), path(), options)});
        CHECK(tool.wait() == 0);
        return tool.out();
    }
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

TEST_CASE("a daemon controls on beside a locked file, alerts, and stores all of it afterwards") {
    Kept kept;
    kept.alerts();
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
        CHECK(kept.run.logged(kRaised) == 1);
        CHECK(kept.run.logged(kRecovered) == 0);
        other.run("ROLLBACK");
    }
    REQUIRE(until_store(kept.run, StoreState::recording));
    CHECK(wait_until([&] { return kept.run.logged(kRecovered) == 1; }));
    CHECK(kept.run.logged("history: not recording") == 1);
    CHECK(kept.run.logged("history: recording again") == 1);
    INFO("missed " << figure(kept.run, CycleCounter::missed_slots) - missed);
    CHECK(kept.run.daemon().stop() == 0);
    CHECK(kept.missing() == 0);
    CHECK(figure(kept.run, CycleCounter::history_lost) == 0);
    CHECK(kept.look().one(kAlertsTold) == "raised delivered; recovered delivered");
}

TEST_CASE("slots that a locked file costs are counted, told, alerted and noted in the history") {
    // What waits to be stored, and the ring behind it, have to be full: 41 s at the shortest slots.
    if (!full_run()) return;
    Kept kept;
    kept.alerts();
    kept.run.config().set("interval_ms", "5");
    kept.run.start_and_settle();
    REQUIRE(until_store(kept.run, StoreState::recording));
    {
        const SqlFile other = kept.look();
        other.run("BEGIN EXCLUSIVE");
        REQUIRE(until_store(kept.run, StoreState::locked));
        const std::uint64_t before = figure(kept.run, CycleCounter::slots);
        REQUIRE(wait_until(
            [&] {
                return figure(kept.run, CycleCounter::slots) - before >
                       history::Recorder::kMostWaiting + shm::kSlots + 500;
            },
            std::chrono::minutes(2)));
        CHECK(figure(kept.run, CycleCounter::history_waiting) == history::Recorder::kMostWaiting);
        other.run("ROLLBACK");
    }
    REQUIRE(until_store(kept.run, StoreState::recording));
    REQUIRE(wait_until([&] { return figure(kept.run, CycleCounter::history_lost) > 0; }));
    // The file is written again; what was lost stands as an alert for a minute.
    REQUIRE(kept.run.slots_pass(400));
    CHECK(kept.run.logged(kRaised) == 1);
    CHECK(kept.run.logged(kRecovered) == 0);
    CHECK(kept.run.daemon().stop() == 0);
    const std::uint64_t lost = figure(kept.run, CycleCounter::history_lost);
    INFO(kept.run.log());
    CHECK(kept.run.logged(fmt::format("stored slots={}", lost)) == 1);
    const SqlFile look = kept.look();
    CHECK(look.one("SELECT group_concat(json_extract(detail, '$.slots')) FROM events WHERE kind = "
                   "'history_lost'") == std::to_string(lost));
    CHECK(std::stoull(look.one("SELECT count(*) FROM cycles")) + lost ==
          figure(kept.run, CycleCounter::slots));
    CHECK(look.one(kAlertsTold) == "raised delivered");
}

TEST_CASE("a killed daemon leaves a file to be read and gone on with") {
    Kept kept;
    kept.run.start_and_settle();
    REQUIRE(wait_until([&] { return figure(kept.run, CycleCounter::history_rows) > 20; }));
    CHECK(kept.told("--metrics rtt,down_zone").find("\"down_zone\":") != std::string::npos);
    kept.run.daemon().signal(SIGKILL);
    REQUIRE(kept.run.daemon().wait());
    const std::uint64_t told = figure(kept.run, CycleCounter::history_rows);
    const auto before = std::stoull(kept.look().one("SELECT count(*) FROM cycles"));
    CHECK(before >= told);
    CHECK(kept.told("--summary").find(fmt::format("\"cycles\":{},", before)) != std::string::npos);
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
