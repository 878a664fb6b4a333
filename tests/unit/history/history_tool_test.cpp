// `wanctl history` as an operator runs it: what it prints, what it says when it cannot, and what it
// exits with.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <string>

#include <fmt/format.h>

#include "common/exit_code.hpp"
#include "common/history/when.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/full_run.hpp"
#include "tests/support/instrumented.hpp"
#include "tests/support/store_maker.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/history/sql_file.hpp"
#include "tests/unit/shm/stranger.hpp"
#include "tests/unit/shm/tool.hpp"

using namespace wanctl;
using namespace wanctl::history;
using namespace wanctl::test;

namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 60 * kMinute;
constexpr std::int64_t kBegin = 472'223 * kHour;  // 2023-11-14T23:00:00Z

// An hour of minutes, then two minutes of slots.
void make_history(const std::string& path, const std::string& wan = "cable") {
    StoreMaker maker(path, cycle_layout(), wan);
    maker.add_tier(kTiers[0], kBegin, kBegin + kHour);
    maker.add_raw(kBegin + kHour, kBegin + kHour + 2 * kMinute);
    maker.run(fmt::format(
        "INSERT INTO transitions VALUES({}, 1, 0, 0, 3, 50300, 45000, 'RTT delta \"50.3ms\"');"
        "INSERT INTO events VALUES({}, 1, 'start', '{{\"version\":\"0.1.0\"}}')",
        kBegin + 5, kBegin + 6));
}

const std::string kSpan = " --from 2023-11-14T23:00Z --to 2023-11-15T00:02Z ";

Outcome history_in(const std::string& zone, const std::string& arguments) {
    return Tool("history " + arguments, "env TZ=" + zone).finish();
}

Outcome history_of(const std::string& arguments) {
    return history_in("UTC0", arguments);
}

std::size_t lines(const std::string& text) {
    return static_cast<std::size_t>(std::ranges::count(text, '\n'));
}

}  // namespace

TEST_CASE("wanctl history prints a table in local time, from all tiers that hold the span") {
    const TempDir dir;
    make_history(dir.file("cable.db"));
    const std::string db = "--db " + dir.file("cable.db");
    const Outcome table = history_in("CET-1CEST,M3.5.0,M10.5.0/3", db + kSpan);
    INFO(table.text);
    CHECK(table.code == tool_exit::kYes);
    CHECK(lines(table.text) == 2 + 62);
    CHECK(table.text.starts_with("cable, 2023-11-15 00:00:00+01:00 to 2023-11-15 01:02:00+01:00"));
    CHECK(table.has("\n2023-11-15 00:00:00+01:00     1m "));
    CHECK(table.has("  G94 Y5 R1 "));
    CHECK(table.has("\n2023-11-15 01:01:00+01:00     1m "));
    // The same slots by themselves, as soon as they are asked for.
    const Outcome raw = history_of(db + " --metrics rtt,down_zone --step raw" + kSpan);
    CHECK(lines(raw.text) == 2 + 60 + 2400);
    CHECK(raw.has("\n2023-11-15 00:00:00.000+00:00 raw "));
    CHECK_FALSE(raw.has("BASELINE"));
    CHECK(history_of(db + " --last 1s --to 2023-11-15T00:01Z").has("OF        RTT BASELINE"));
    CHECK(lines(history_of(db + " --step 1h" + kSpan).text) == 2 + 2);
}

TEST_CASE("wanctl history sums a span up, and marks percentiles that come from tiers") {
    const TempDir dir;
    make_history(dir.file("cable.db"));
    const std::string db = "--db " + dir.file("cable.db") + " --summary";
    const Outcome mixed = history_of(db + kSpan);
    INFO(mixed.text);
    CHECK(mixed.code == tool_exit::kYes);
    CHECK(mixed.has("74400 slots, 62 min 0 s recorded of 62 min 0 s, in rows of raw, 1m\n"));
    CHECK(mixed.has("\nrtt_ms                   20.00"));
    CHECK(mixed.has("    ~70"));
    CHECK(mixed.has("down_zone             GREEN 94.00 %  YELLOW 5.00 %  SOFT_RED 0.00 %  RED 1"));
    const Outcome exact = history_of(db + " --last 1m --to 2023-11-15T00:01Z");
    CHECK_FALSE(exact.has("~"));
    const Outcome json = history_of(db + " --json --metrics rtt,down,wanctl_state" + kSpan);
    CHECK(
        json.has("{\"wan\":\"cable\",\"kind\":\"autorate\",\"from\":\"2023-11-14T23:00:00.000Z\","
                 "\"to\":\"2023-11-15T00:02:00.000Z\",\"summary\":{\"cycles\":74400,"
                 "\"seconds\":3720,\"granularities\":[\"raw\",\"1m\"],\"metrics\":{\"rtt_ms\":{"
                 "\"count\":72912,\"min\":20"));
    CHECK(json.has("\"percentiles_from\":\"histogram\"},\"rate_download_mbps\":{"));
    CHECK(json.has("\"percentiles_from\":\"averages\"}}"));
    CHECK(json.text.ends_with(
        "\"up_zone\":{\"GREEN\":1,\"YELLOW\":0,\"SOFT_RED\":0,\"RED\":0}}}}\n"));
    const Outcome csv = history_of(db + " --csv" + kSpan);
    CHECK(
        csv.text.starts_with("name,count,min,avg,p50,p95,p99,max,percentiles_from,share\nrtt_ms,"));
    CHECK(csv.has("\ndown_yellow,,,,,,,,,0.05\n"));
}

TEST_CASE("wanctl history speaks JSON and CSV in UTC, also of transitions and events") {
    const TempDir dir;
    make_history(dir.file("cable.db"));
    const std::string db = "--db " + dir.file("cable.db");
    const Outcome csv = history_in("CET-1", db + " --csv --metrics delta,down_zone" + kSpan);
    CHECK(csv.text.starts_with(
        "time,granularity,cycles,seconds,rtt_delta_ms,rtt_delta_ms_min,rtt_delta_ms_max,down_zone,"
        "down_green,down_yellow,down_soft_red,down_red\n2023-11-14T23:00:00.000Z,1m,1200,60,"));
    CHECK(lines(csv.text) == 1 + 62);
    const Outcome json = history_of(db + " --json --step raw --metrics rtt,up" + kSpan);
    const MadeSlot slot = made_slot((kBegin + kHour) / kSlotMs);
    CHECK(json.has(
        fmt::format("{{\"time\":\"2023-11-15T00:00:00.000Z\",\"granularity\":\"raw\","
                    "\"cycles\":1,\"seconds\":0.05,\"rtt_ms\":{},\"rate_upload_mbps\":35}},",
                    static_cast<double>(slot.rtt_us) / 1e3)));
    CHECK(json.has("\"rtt_ms\":null,"));
    CHECK(json.text.ends_with("}]}\n"));

    const Outcome both = history_of(db + " --transitions --events" + kSpan);
    INFO(both.text);
    CHECK(both.code == tool_exit::kYes);
    CHECK(
        both.has("2023-11-14 23:00:00.005+00:00 download GREEN -> RED             50.3      45.0  "
                 "RTT delta \"50.3ms\"\n"));
    CHECK(both.has("2023-11-14 23:00:00.006+00:00 start          {\"version\":\"0.1.0\"}\n"));
    const Outcome objects = history_of(db + " --json --transitions --events" + kSpan);
    CHECK(
        objects.has("\"transitions\":[{\"time\":\"2023-11-14T23:00:00.005Z\",\"direction\":"
                    "\"download\",\"from\":\"GREEN\",\"to\":\"RED\",\"delta_ms\":50.3,"
                    "\"threshold_ms\":45,\"reason\":\"RTT delta \\\"50.3ms\\\"\"}],\"events\":[{"));
    CHECK(objects.has("\"detail\":{\"version\":\"0.1.0\"}}]}\n"));
    CHECK(history_of(db + " --csv --transitions" + kSpan)
              .has(",download,GREEN,RED,50.3,45,\"RTT delta \"\"50.3ms\"\"\"\n"));
    CHECK(history_of(db + " --events --last 1h").has("no events: cable, "));
}

TEST_CASE("wanctl history draws 80 columns into a pipe, and colours only on a terminal that may") {
    const TempDir dir;
    make_history(dir.file("cable.db"));
    const std::string arguments = "history --plot --db " + dir.file("cable.db") + kSpan;
    const Outcome plot = Tool(arguments, "env TZ=UTC0 LC_ALL=C").finish();
    INFO(plot.text);
    CHECK(plot.code == tool_exit::kYes);
    CHECK(plot.has("\nrtt ms     ##"));
    CHECK(plot.has(" baseline 20.0\n"));
    CHECK(plot.has("\ndown zone  GGGG"));
    CHECK(plot.has("\n           11-14 23:00+00:00                     11-15 00:02+00:00\n"));
    CHECK_FALSE(plot.has("\x1b"));
    std::size_t widest = 0;
    for (std::size_t at = 0; at < plot.text.size();) {
        const auto end = plot.text.find('\n', at);
        widest = std::max(widest, end - at);
        at = end + 1;
    }
    CHECK(widest <= 80);
    CHECK(widest > 70);
    const auto on_terminal = [&](const std::string& more) {
        return Tool("'" + std::string(WANCTL_TOOL) + " " + arguments + "' /dev/null",
                    "env -u NO_COLOR LC_ALL=C.UTF-8 " + more + " script -qec", "")
            .finish();
    };
    CHECK(on_terminal("").has("\x1b[0;32m"));
    CHECK_FALSE(on_terminal("NO_COLOR=1").has("\x1b"));
}

TEST_CASE("wanctl history finds the one history there is, names several, and says what is wrong") {
    const TempDir dir;
    const std::string in = "--dir " + dir.path().string();
    const auto check = [](const std::string& arguments, int code, const std::string& part) {
        const Outcome outcome = history_of(arguments);
        INFO(arguments << ": " << outcome.text);
        CHECK(outcome.code == code);
        CHECK(outcome.has(part));
        CHECK(outcome.text.starts_with("wanctl: "));
        CHECK(lines(outcome.text) == 1);
    };
    check(in, tool_exit::kCannot, "no history in " + dir.path().string());
    make_history(dir.file("cable.db"));
    CHECK(history_of(in + kSpan).code == tool_exit::kYes);
    make_history(dir.file("dsl.db"), "dsl");
    check(in + kSpan, tool_exit::kUsage, "choose one: --wan cable --wan dsl\n");
    CHECK(history_of(in + " --wan dsl" + kSpan).text.starts_with("dsl, "));
    // It may not lead out of the directory.
    CHECK(history_of("--dir " + dir.path().string() + "/x" + kSpan + "--wan ../cable").code ==
          tool_exit::kUsage);
    check(in + " --wan ../../x", tool_exit::kUsage,
          "\"../../x\" is neither a WAN's name nor \"steering\"; a file anywhere");
    check(in + " --wan Cable", tool_exit::kUsage, "\"Cable\" is neither");
    CHECK(run_tool("export --format csv --wan ../cable " + in).code == tool_exit::kUsage);
    check(in + " --wan lte", tool_exit::kCannot, "lte.db: no such file; the daemon makes it");
    check("--wan lte --db " + dir.file("dsl.db"), tool_exit::kCannot, "\"dsl\", not of \"lte\"");
    check("--dir /nowhere", tool_exit::kCannot, "/nowhere: No such file or directory");

    const std::string db = "--db " + dir.file("cable.db");
    check(db, tool_exit::kInvalid,
          "the history holds 2023-11-14 23:00:00+00:00 to 2023-11-15 00:0");
    check(db + " --summary", tool_exit::kInvalid, "no data of cable, ");
    check(db + " --plot", tool_exit::kInvalid, "no data of cable, ");
    check(db + " --last 5y", tool_exit::kUsage, "\"5y\" is no length of time");
    check(db + " --from monday", tool_exit::kUsage,
          "\"monday\" is no time; write 2026-11-21T10:00");
    check(db + " --from 2h --to 3h", tool_exit::kUsage, "not after its begin");
    check(db + " --metrics speed", tool_exit::kUsage,
          "no metric \"speed\"; there are wanctl_rtt_ms");
    CHECK(history_of(db + " --last 1h --from 1h").code == tool_exit::kUsage);
    check("--db " + dir.write("text.db", std::string(2000, 'x')), tool_exit::kInvalid,
          "text.db: file is not a database; the file is damaged or no history of wanctl");
    SqlFile(dir.file("newer.db"))
        .run(
            "PRAGMA application_id = 2002873955; PRAGMA user_version = 9;"
            "CREATE TABLE t(x)");
    check("--db " + dir.file("newer.db"), tool_exit::kInvalid,
          "has version 9, this program knows 1; use the newer program");
    const Outcome empty = Tool("export --format csv --last 1h " + db, "env TZ=UTC0").finish();
    CHECK(empty.code == tool_exit::kInvalid);
    CHECK(empty.has("wanctl: no data of cable, "));
    CHECK(run_tool("export --format xls " + db).code == tool_exit::kUsage);
    const Outcome full =
        Tool("export --format csv 2>&1 > /dev/full " + db + ")", "(env TZ=UTC0").finish();
    CHECK(full.code == tool_exit::kCannot);
    CHECK(full.has("not all could be written: No space left on device"));
    CHECK_FALSE(full.has("no data"));
    CHECK(Tool("history " + db + kSpan + " > /dev/full", "env TZ=UTC0").finish().code ==
          tool_exit::kCannot);
}

TEST_CASE("a history that lacks a table is told as damaged, by whatever needs the table") {
    const auto check = [](const std::string& dropped, const std::string& arguments) {
        const TempDir dir;
        make_history(dir.file("cable.db"));
        SqlFile(dir.file("cable.db")).run("DROP VIEW metrics; DROP TABLE " + dropped);
        const Outcome outcome =
            Tool(arguments + " --db " + dir.file("cable.db") + kSpan, "env TZ=UTC0").finish();
        INFO(arguments << ": " << outcome.text);
        CHECK(outcome.code == tool_exit::kInvalid);
        CHECK(outcome.has("cable.db: no such table: " + dropped + "; the file is damaged"));
    };
    for (const char* const table : {"cycles", "minutes", "hours"}) {
        check(table, "history");
        check(table, "history --summary");
        check(table, "export --format csv");
    }
    check("transitions", "history --transitions");
    check("events", "history --events");
    check("events", "history --events --json");
    // The others are read all the same.
    const TempDir dir;
    make_history(dir.file("cable.db"));
    SqlFile(dir.file("cable.db")).run("DROP TABLE events");
    CHECK(history_of("--db " + dir.file("cable.db") + kSpan).code == tool_exit::kYes);
}

TEST_CASE("wanctl history works while a daemon writes, after it was killed and after a clean end") {
    const TempDir dir;
    const std::string path = dir.file("cable.db");
    const std::string db = "--csv --metrics rtt --step raw --db " + path + kSpan;
    // Python's sqlite3 as the writer: it keeps its file open, a slot not yet committed.
    make_history(path);
    // A writer with a slot committed beside the file, and one not yet committed.
    ChildProcess writer({"python3", "-c", R"py(
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA wal_autocheckpoint = 0")
row = "INSERT INTO cycles(at_ms, slot, span_us) VALUES(?, 0, 50000)"
db.execute(row, (int(sys.argv[2]),))
db.execute("BEGIN")
db.execute(row, (int(sys.argv[2]) + 50,))
print("ready", flush=True)
time.sleep(60)
)py",
                         path, std::to_string(kBegin + kHour + kMinute + 1)});
    REQUIRE(wait_until([&] { return writer.out() == "ready\n"; }));
    REQUIRE(::chmod(dir.path().c_str(), 0755) == 0);
    const std::size_t rows = 1 + 60 + 2400 + 1;
    const auto strangers = Stranger::possible();
    const auto check_all = [&] {
        const Outcome mine = history_of(db);
        INFO(mine.text.substr(0, 300));
        CHECK(mine.code == tool_exit::kYes);
        CHECK(lines(mine.text) == rows);
        if (!strangers) return;
        const Outcome others = Stranger().run("history " + db);
        INFO(others.text.substr(0, 300));
        CHECK(others.code == tool_exit::kYes);
        CHECK(lines(others.text) == rows);
    };
    check_all();
    writer.signal(SIGKILL);
    REQUIRE(writer.wait() == 128 + SIGKILL);
    REQUIRE(::access((path + "-wal").c_str(), F_OK) == 0);
    check_all();
    {
        // As the daemon ends: what the -wal holds is in the file, the -wal itself stays.
        const SqlFile closing(path);
        int keep = 1;
        REQUIRE(sqlite3_file_control(closing.get(), "main", SQLITE_FCNTL_PERSIST_WAL, &keep) ==
                SQLITE_OK);
        closing.run("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    check_all();
    ::unlink((path + "-shm").c_str());
    check_all();
    ::unlink((path + "-wal").c_str());
    check_all();
    if (!strangers) {
        WARN("not tried as another user: needs root and setpriv");
        return;
    }
    REQUIRE(::chmod(path.c_str(), 0600) == 0);
    const Outcome refused = Stranger().run("history " + db);
    CHECK(refused.code == tool_exit::kCannot);
    CHECK(refused.has("Permission denied; its owner, its group and root may read it"));
}

TEST_CASE(
    "wanctl export streams all rows in columns a notebook reads, in memory that does not grow") {
    const std::int64_t slots = full_run() ? 10'000'000 : 50'000;
    const TempDir dir;
    const std::string path = dir.file("cable.db");
    {
        StoreMaker maker(path);
        maker.add_tier(kTiers[2], kBegin - kHour, kBegin);
        maker.add_raw(kBegin, kBegin + slots * kSlotMs);
    }
    // Reads the stream as it comes; the program waits meanwhile, and its memory can be looked at.
    // What may grow is SQLite's cache, 2 MB; the rows together would be 20 MB. A sanitizer keeps
    // for a while what was freed.
    const int most_kb = kInstrumented ? 1'000'000 : 4096;
    const std::string script = dir.write("look.py", R"py(
import csv, json, re, subprocess, sys
tool, form, path, rows, most_kb = *sys.argv[1:4], int(sys.argv[4]), int(sys.argv[5])
child = subprocess.Popen([tool, "export", "--format", form, "--db", path],
                         stdout=subprocess.PIPE, text=True)
def peak():
    with open(f"/proc/{child.pid}/status") as status:
        return int(re.search(r"VmHWM:\s+(\d+)", status.read())[1])
table = csv.DictReader(child.stdout) if form == "csv" else map(json.loads, child.stdout)
total_us, cycles, early, late, bucket = 0, 0, 0, 0, None
for number, row in enumerate(table):
    bucket = bucket or row
    total_us += round(float(row["rtt_ms"] or 0) * 1e3) if number else 0
    cycles += int(row["cycles"])
    if number == rows // 10: early = peak()
    if number == rows * 9 // 10: late = peak()
print(child.wait(), cycles, total_us, early > 0 and late - early < most_kb)
print(bucket["time"], bucket["granularity"], bucket["rtt_ms_max"], bucket["down_red"],
      abs(float(bucket["rtt_ms_p99"]) / 119 - 1) < 0.03, row["granularity"], row["down_zone"])
)py");
    std::int64_t sum_us = 0;
    for (std::int64_t n = kBegin / kSlotMs; n < kBegin / kSlotMs + slots; ++n)
        sum_us += made_slot(n).rtt_us;
    for (const char* form : {"csv", "jsonl"}) {
        const Outcome outcome =
            Tool(fmt::format("{} {} {} {} {} {}", script, WANCTL_TOOL, form, path, slots, most_kb),
                 "", "python3")
                .finish();
        INFO(form);
        CHECK(outcome.text == fmt::format("0 {} {} True\n"
                                          "2023-11-14T22:00:00.000Z 1h 119.997 0.01 True raw RED\n",
                                          slots + 72'000, sum_us));
    }
}
