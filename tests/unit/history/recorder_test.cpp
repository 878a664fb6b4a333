#include "common/history/recorder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include <sqlite3.h>

#include "common/history/schema.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/history/io_hook.hpp"
#include "tests/unit/history/made_feed.hpp"
#include "tests/unit/history/sql_file.hpp"
#include "tests/unit/log/log_pipe.hpp"

using namespace wanctl;
using namespace wanctl::history;
using wanctl::test::kFirstMs;
using wanctl::test::kSlotMs;
using wanctl::test::kSumOfFile;
using wanctl::test::made_row;
using wanctl::test::MadeFeed;
using wanctl::test::SqlFile;
using wanctl::test::sum_of_made_rows;
namespace fs = std::filesystem;

namespace {

class HandClock final : public Clock {
  public:
    [[nodiscard]] SteadyTime steady() const override { return SteadyTime(now_); }
    [[nodiscard]] WallTime wall() const override {
        return WallTime(std::chrono::milliseconds(kFirstMs) + now_);
    }
    void advance(Nanos by) { now_ += by; }

  private:
    Nanos now_{0};
};

struct Bench {
    explicit Bench(std::size_t ring = 100'000) : feed(ring) { begin(); }
    ~Bench() { test::on_write({}); }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;

    // The daemon is started (again).
    void begin() {
        recorder.reset();
        recorder = std::make_unique<Recorder>(
            RecorderOptions{{path, "cable", &cycle_layout(), {}}, {}}, feed, clock, pipe.log());
    }
    void turn(std::int64_t slots = 20, std::vector<Event> events = {}) {
        feed.publish(slots);
        clock.advance(std::chrono::seconds(1));
        recorder->turn(std::move(events), stopping);
        log += pipe.taken();
    }
    void end() {
        recorder->finish({}, std::chrono::seconds(2));
        recorder.reset();
        log += pipe.taken();
    }
    [[nodiscard]] StoreState state() const { return recorder->figures().state; }
    // How often the words are in the log.
    [[nodiscard]] int said(const std::string& words) const {
        int count = 0;
        for (auto at = log.find(words); at != log.npos; at = log.find(words, at + 1)) ++count;
        return count;
    }
    [[nodiscard]] bool all_there() const {
        return SqlFile(path).one(kSumOfFile) == sum_of_made_rows(feed.published(), kSlotMs);
    }
    [[nodiscard]] std::string kept() const {
        for (const auto& each : fs::directory_iterator(dir.path()))
            if (const std::string name = each.path().string();
                name.find(".corrupt-") != name.npos && name.back() == 'Z')
                return name;
        return {};
    }

    test::TempDir dir;
    std::string path = dir.file("cable.db");
    HandClock clock;
    test::LogPipe pipe;
    MadeFeed feed;
    std::atomic<bool> stopping{false};
    std::unique_ptr<Recorder> recorder;
    std::string log;
};

}  // namespace

TEST_CASE("a recorder stores what comes, in a file as others need it") {
    Bench bench;
    bench.turn(20, {{kFirstMs, "start", "{}"}});
    bench.turn(20);
    CHECK(bench.state() == StoreState::recording);
    CHECK(bench.recorder->figures().rows == 40);
    CHECK(bench.all_there());
    const SqlFile look(bench.path);
    CHECK(look.one("PRAGMA journal_mode") == "wal");
    CHECK(look.one("PRAGMA auto_vacuum") == "2");
    CHECK(look.one("SELECT kind FROM events") == "start");
    for (const char* const beside : {"", "-wal", "-shm"}) {
        struct stat found {};
        REQUIRE(::stat((bench.path + beside).c_str(), &found) == 0);
        CHECK((found.st_mode & 07777) == 0640);
    }
    // All that the ring still has comes in the last turns, more than one takes.
    bench.feed.publish(10'000);
    bench.end();
    CHECK(bench.all_there());
    bench.begin();
    bench.turn();
    CHECK(bench.all_there());
    CHECK(bench.said("not recording") == 0);
}

TEST_CASE("a locked file is waited for, and nothing is lost") {
    Bench bench;
    bench.turn();
    const SqlFile other(bench.path);
    other.run("BEGIN IMMEDIATE");
    for (int i = 0; i < 5; ++i) bench.turn();
    CHECK(bench.state() == StoreState::locked);
    CHECK(bench.recorder->figures().waiting == 100);
    CHECK(bench.recorder->figures().failures == 5);
    CHECK(bench.said("not recording") == 1);
    other.run("ROLLBACK");
    bench.turn();
    CHECK(bench.state() == StoreState::recording);
    CHECK(bench.recorder->figures().lost == 0);
    CHECK(bench.said("recording again") == 1);
    CHECK(bench.all_there());
}

TEST_CASE("a disk that is full, read-only or broken is got over, and nothing is lost") {
    const int code = GENERATE(SQLITE_FULL, SQLITE_READONLY, SQLITE_IOERR_WRITE, SQLITE_IOERR_FSYNC);
    INFO(code);
    Bench bench;
    test::on_write([](std::string_view) { return SQLITE_OK; });
    bench.turn();
    test::on_write([code](std::string_view what) {
        return code != SQLITE_IOERR_FSYNC || what == "sync" ? code : SQLITE_OK;
    });
    const bool writes_fail = code != SQLITE_IOERR_FSYNC;
    for (int i = 0; i < 5; ++i) bench.turn();
    CHECK((bench.state() == StoreState::failing) == writes_fail);
    CHECK(bench.said("not recording") == (writes_fail ? 1 : 0));
    test::on_write({});
    bench.turn();
    CHECK(bench.state() == StoreState::recording);
    CHECK(bench.recorder->figures().lost == 0);
    CHECK(bench.all_there());
}

TEST_CASE("a directory that comes late is waited for") {
    Bench bench;
    bench.path = bench.dir.file("later/cable.db");
    bench.begin();
    for (int i = 0; i < 3; ++i) bench.turn();
    CHECK(bench.state() == StoreState::failing);
    CHECK(bench.said("cannot be made: No such file or directory") == 1);
    fs::create_directory(bench.dir.file("later"));
    bench.turn();
    CHECK(bench.state() == StoreState::recording);
    CHECK(bench.all_there());
}

TEST_CASE("a file deleted while it is open is missed, and a new one begun") {
    Bench bench;
    bench.turn();
    bench.turn();
    for (const char* const beside : {"", "-wal", "-shm"}) fs::remove(bench.path + beside);
    bench.turn();
    CHECK(bench.state() == StoreState::recording);
    CHECK(bench.said("was deleted or replaced") == 1);
    const SqlFile look(bench.path);
    CHECK(look.one("SELECT count(*) FROM cycles") == "20");
    CHECK(look.one("SELECT kind FROM events") == "history_deleted");
    CHECK(bench.recorder->figures().rows == 60);
}

TEST_CASE("a damaged file is set aside under its date, and a new one begun") {
    Bench bench;
    for (int i = 0; i < 40; ++i) bench.turn(200);
    bench.end();
    // A page in the middle, found by the check in the background; or the very header.
    const bool header = GENERATE(true, false);
    INFO(header);
    {
        std::fstream file(bench.path, std::ios::in | std::ios::out | std::ios::binary);
        for (const int page : {20, 40, 60}) {
            file.seekp(header ? 0 : page * 4'096);
            file << std::string(header ? 100 : 4'096, '\x5a');
        }
    }
    bench.begin();
    for (int i = 0; i < 10; ++i) bench.turn();
    CHECK(bench.state() == StoreState::recording);
    CHECK(bench.said("the file is damaged; it is set aside") == 1);
    CHECK(bench.kept().find("cable.db.corrupt-20260301T0000") != std::string::npos);
    const SqlFile look(bench.path);
    CHECK(look.one("PRAGMA integrity_check") == "ok");
    CHECK(look.one("SELECT json_extract(detail, '$.kept_as') FROM events WHERE kind = "
                   "'history_damaged'") == bench.kept());
    // Rows of before the damage was seen are in the old file.
    CHECK(std::stoi(look.one("SELECT count(*) FROM cycles")) > 20);
}

TEST_CASE("a file that never was a history is left as it is") {
    Bench bench;
    bench.recorder.reset();
    for (const char* const beside : {"", "-wal", "-shm"}) fs::remove(bench.path + beside);
    const bool database = GENERATE(true, false);
    INFO(database);
    if (database) {
        SqlFile(bench.path).run("CREATE TABLE theirs(a); PRAGMA user_version = 3");
        std::fstream file(bench.path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(100);
        file << std::string(4'000, '\x5a');
    } else {
        std::ofstream(bench.path) << "a password\n";
    }
    const auto content = [&bench] {
        std::ifstream file(bench.path, std::ios::binary);
        return std::string(std::istreambuf_iterator<char>(file), {});
    };
    const std::string before = content();
    bench.begin();
    for (int i = 0; i < 3; ++i) bench.turn();
    CHECK(bench.state() == StoreState::refused);
    CHECK(bench.said("the file is no history, and is left as it is; name another path") == 1);
    CHECK(content() == before);
    CHECK(bench.kept().empty());
    // It is made room for: the slots that waited are stored.
    fs::remove(bench.path);
    bench.clock.advance(std::chrono::minutes(2));
    bench.turn();
    CHECK(bench.state() == StoreState::recording);
    CHECK(bench.all_there());
}

TEST_CASE("a disk that damages file after file is not filled with them") {
    Bench bench;
    const auto spoil = [&bench] {
        bench.recorder.reset();
        std::ofstream(bench.path, std::ios::binary) << std::string(8'192, 'x');
        fs::resize_file(bench.path + "-wal", 0);
    };
    bench.turn();
    spoil();
    bench.begin();
    bench.turn();
    bench.turn();
    CHECK(bench.state() == StoreState::recording);
    // The same recorder meets the next damage while it holds the file open.
    std::ofstream(bench.path, std::ios::binary) << std::string(8'192, 'x');
    for (int i = 0; i < 8; ++i) bench.turn();
    int files = 0;
    for (const auto& each : fs::directory_iterator(bench.dir.path()))
        files += each.path().extension().string().find(".corrupt") != std::string::npos &&
                 each.path().string().back() == 'Z';
    CHECK(files == 1);
}

TEST_CASE("a newer version's file is refused until it is out of the way") {
    Bench bench;
    bench.turn();
    bench.end();
    {
        const SqlFile file(bench.path);
        file.run("PRAGMA user_version = 7");
    }
    bench.begin();
    for (int i = 0; i < 3; ++i) bench.turn();
    CHECK(bench.state() == StoreState::refused);
    CHECK(bench.said("the file has version 7, this program knows 1; use the newer program or name "
                     "another path") == 1);
    CHECK(SqlFile(bench.path).one("SELECT count(*) FROM cycles") == "20");
    fs::rename(bench.path, bench.path + ".newer");
    for (int i = 0; i < 60; ++i) bench.turn(0);
    CHECK(bench.state() == StoreState::recording);
    CHECK(SqlFile(bench.path).one("SELECT count(*) FROM cycles") == "60");
}

TEST_CASE("what is no database of this line is refused and stays as it is") {
    Bench bench;
    SECTION("another program's") {
        const SqlFile file(bench.path);
        file.run("CREATE TABLE t(x)");
        bench.turn();
        CHECK(bench.said("another program's database") == 1);
        CHECK(file.one("SELECT count(*) FROM sqlite_master") == "1");
        CHECK(file.one("PRAGMA journal_mode") == "delete");
    }
    SECTION("a directory") {
        fs::create_directory(bench.path);
        bench.turn();
        CHECK(bench.said("is no regular file") == 1);
    }
    CHECK(bench.state() == StoreState::refused);
}

TEST_CASE("slots that the ring had to overwrite are counted, and told once a minute") {
    Bench bench(1'000);
    bench.turn();
    const SqlFile other(bench.path);
    other.run("BEGIN IMMEDIATE");
    // 4,096 rows wait here, 1,000 in the ring; the others go.
    for (int i = 0; i < 30; ++i) bench.turn(200);
    other.run("ROLLBACK");
    // All of what the ring still has is stored in the first turn that can.
    bench.turn(0);
    const std::uint64_t lost = bench.recorder->figures().lost;
    CHECK(lost >= 6'000 - 4'096 - 1'000);
    CHECK(lost <= 6'000 - 4'096);
    CHECK(bench.said("were overwritten in the ring") == 1);
    CHECK(other.one("SELECT count(*) FROM cycles") == std::to_string(6'020 - lost));
    bench.turn(3'000);
    bench.turn(3'000);
    CHECK(bench.said("were overwritten in the ring") == 1);
    for (int i = 0; i < 60; ++i) bench.turn(0);
    CHECK(bench.said("were overwritten in the ring") == 2);
    CHECK(other.one("SELECT sum(json_extract(detail, '$.slots')) FROM events WHERE kind = "
                    "'history_lost'") == std::to_string(bench.recorder->figures().lost));
}

TEST_CASE("a batch whose end was in doubt is not stored twice") {
    Bench bench;
    test::on_write([](std::string_view) { return SQLITE_OK; });
    bench.turn();
    // The same slots again, as after a commit that reached the disk and was reported as failed.
    auto file = StoreFile::open({bench.path, "cable", &cycle_layout(), {}});
    REQUIRE(file.has_value());
    Batch again;
    for (int i = 0; i < 20; ++i) again.rows.push_back(made_row(i, kSlotMs));
    again.transitions.push_back({kFirstMs, 0, 1, 0, 3, 1, 2, "why"});
    again.events.push_back({kFirstMs, "router_lost", "", 7});
    REQUIRE(file->commit(again).has_value());
    REQUIRE(file->commit(again).has_value());
    CHECK(bench.all_there());
    CHECK(SqlFile(bench.path).one("SELECT count(*) FROM transitions") == "1");
    CHECK(SqlFile(bench.path).one("SELECT group_concat(n) FROM events") == "7");
}

TEST_CASE("a reader that never lets go does not make the -wal grow without end") {
    Bench bench;
    bench.turn();
    const SqlFile reader(bench.path);
    reader.run("BEGIN; SELECT count(*) FROM cycles");
    for (int i = 0; i < 40 && bench.state() == StoreState::recording; ++i) bench.turn(200);
    CHECK(bench.state() == StoreState::recording);
    // As large as it may become, without writing all of it.
    fs::resize_file(bench.path + "-wal", StoreFile::kLargestWal + 1);
    bench.turn();
    CHECK(bench.state() == StoreState::locked);
    CHECK(bench.said("end that reader") == 1);
    reader.run("COMMIT");
    bench.turn();
    bench.turn();
    CHECK(bench.state() == StoreState::recording);
    CHECK(bench.all_there());
    CHECK(fs::file_size(bench.path + "-wal") < 8'000'000);
}

TEST_CASE("somebody who may only read opens the file while it is written and afterwards") {
    Bench bench;
    // Its directory is for its owner alone.
    fs::permissions(bench.dir.path(),
                    fs::perms::owner_all | fs::perms::others_read | fs::perms::others_exec);
    bench.turn();
    for (const char* const beside : {"", "-wal", "-shm"})
        REQUIRE(::chmod((bench.path + beside).c_str(), 0644) == 0);
    const auto rows_seen = [&bench](const std::string& how) {
        const pid_t child = ::fork();
        if (child == 0) {
            if (::getuid() == 0 && (::setgid(65'534) != 0 || ::setuid(65'534) != 0)) ::_exit(250);
            sqlite3* open = nullptr;
            const std::string uri = "file:" + bench.path + how;
            sqlite3_stmt* ask = nullptr;
            if (sqlite3_open_v2(uri.c_str(), &open, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
                                nullptr) != SQLITE_OK ||
                sqlite3_prepare_v2(open, "SELECT count(*) FROM cycles", -1, &ask, nullptr) !=
                    SQLITE_OK ||
                sqlite3_step(ask) != SQLITE_ROW)
                ::_exit(251);
            ::_exit(sqlite3_column_int(ask, 0));
        }
        int status = 0;
        REQUIRE(::waitpid(child, &status, 0) == child);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    };
    CHECK(rows_seen("") == 20);
    bench.turn();
    CHECK(rows_seen("") == 40);
    bench.end();
    CHECK(rows_seen("") == 40);
    fs::remove(bench.path + "-wal");
    fs::remove(bench.path + "-shm");
    CHECK(rows_seen("?immutable=1") == 40);
}
