// A daemon that is killed at any moment, stopped for a while, or has no room: what others see stays
// whole, and control goes on.
#include <sys/mount.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <random>
#include <thread>

#include <fmt/format.h>

#include "common/record/cycle_checks.hpp"
#include "common/record/cycle_counters.hpp"
#include "common/state/state_file.hpp"
#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/full_run.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

// What is promised, from the daemon's first record on.
constexpr std::chrono::seconds kAgree{5};

std::chrono::nanoseconds steady_now() {
    return std::chrono::steady_clock::now().time_since_epoch();
}

// Waits until law and router agree; how long after the first record later than `from`, none if
// longer than promised.
std::optional<std::chrono::duration<double>> agreed_after(AutorateRun& run,
                                                          std::chrono::nanoseconds from) {
    std::chrono::nanoseconds first{};
    const bool begun = run.until([&](const CycleRecord& now) {
        first = std::chrono::nanoseconds(now.mono_ns);
        return first > from;
    });
    if (!begun) return std::nullopt;
    const bool agrees = run.until(
        [&](const CycleRecord& now) { return now.fresh == 1 && run.router_agrees(); },
        std::chrono::duration_cast<std::chrono::milliseconds>(first + kAgree - steady_now()));
    if (!agrees) return std::nullopt;
    return steady_now() - first;
}

std::string state_file(const AutorateRun& run) {
    return run.files().file(std::string(kWan) + ".state");
}

// All that is in the ring is whole and in order: every record passes its own checks.
void check_ring(const AutorateRun& run) {
    std::uint64_t last = 0;
    bool in_order = true;
    bool plausible = true;
    for (const CycleRecord& record : run.records()) {
        in_order = in_order && record.slot >= last;
        last = record.slot;
        plausible = plausible && record.mono_ns > 0 && record.interval_ns == 10'000'000 &&
                    record.baseline_ns > 0 && record.direction[0].wanted_bps > 0;
    }
    CHECK(in_order);
    CHECK(plausible);
}

void check_state(const AutorateRun& run) {
    const auto state = read_state_file(state_file(run), 1);
    INFO((state ? std::string() : state.error().message));
    CHECK(state);
}

// The reader in Python that stands beside the ABI's description, on the daemon's ring.
ChildProcess python_reader() {
    return ChildProcess({WANCTL_PYTHON3, WANCTL_READ_RING, kWan});
}

bool prints(const ChildProcess& reader, std::size_t lines) {
    return wait_until([&] {
        const std::string out = reader.out();
        return static_cast<std::size_t>(std::ranges::count(out, '\n')) >= lines;
    });
}

// A file system of its own, so small that it is full at once.
class TinyDisk {
  public:
    explicit TinyDisk(const std::string& path, const char* options = "size=4k,nr_inodes=1")
        : path_(path) {
        std::filesystem::create_directories(path);
        mounted_ = ::mount("tmpfs", path.c_str(), "tmpfs", 0, options) == 0;
    }
    ~TinyDisk() {
        if (mounted_) ::umount2(path_.c_str(), MNT_DETACH);
    }
    TinyDisk(const TinyDisk&) = delete;
    TinyDisk& operator=(const TinyDisk&) = delete;
    [[nodiscard]] bool mounted() const { return mounted_; }
    void remount(const char* options) const {
        ::mount("none", path_.c_str(), nullptr, MS_REMOUNT, options);
    }

  private:
    std::string path_;
    bool mounted_ = false;
};

// As long as there is room.
void fill(const std::string& path) {
    const std::string page(4096, 'x');
    std::ofstream ballast(path, std::ios::binary);
    while (ballast.write(page.data(), static_cast<std::streamsize>(page.size())).flush()) {
    }
}

}  // namespace

TEST_CASE("killed at any moment, the next start finds ring and state whole and the router agrees") {
    const int rounds = full_run() ? 200 : 20;
    AutorateRun run(line_settings(2));
    run.config().set("interval_ms", "10").set("state.save_s", "1");
    run.sim().command(R"({"cmd":"capacity","download_kbit":8000,"upload_kbit":2000})");
    std::minstd_rand random(7);
    std::uniform_int_distribution<int> moment(0, 300);
    std::optional<CycleRecord> last;
    for (int round = 0; round < rounds; ++round) {
        INFO(round);
        run.start();
        if (last) {
            // The law goes on from the killed one's last record, if that was of a slot.
            REQUIRE(run.until([](const CycleRecord&) { return true; }));
            CHECK(run.logged("going on from the state before") == 1);
        }
        // A moment by chance, also before the first slot and amid the handshakes.
        std::this_thread::sleep_for(std::chrono::milliseconds(moment(random)));
        run.daemon().signal(SIGKILL);
        REQUIRE(run.daemon().wait() == 128 + SIGKILL);
        last = run.newest();
        check_ring(run);
        check_state(run);
    }
    const auto before = steady_now();
    run.start();
    const auto took = agreed_after(run, before);
    CHECK(took);
    if (took && full_run()) WARN("agreed " << took->count() << " s after the first record");
    CHECK(run.daemon().stop() == 0);
    check_state(run);
}

TEST_CASE("a killed daemon is dead to each reader, its successor is named or followed") {
    AutorateRun run;
    run.start_and_settle();
    ChildProcess reader = python_reader();
    ChildProcess sleeper = python_reader();
    ChildProcess watch({WANCTL_PYTHON3, WANCTL_WATCH_RESTART, wanctl_program(), kWan,
                        std::to_string(run.daemon().pid())},
                       {{"PYTHONDONTWRITEBYTECODE", "1"}});
    REQUIRE(prints(reader, 3));
    REQUIRE(prints(sleeper, 1));
    REQUIRE(wait_until([&] { return watch.out() == "live\n" || !watch.running(); }));
    sleeper.signal(SIGSTOP);
    run.daemon().signal(SIGKILL);
    REQUIRE(run.daemon().wait() == 128 + SIGKILL);

    CHECK(reader.wait() == 1);
    CHECK(reader.err() == "the writer is dead\n");
    const std::string printed = reader.out();
    const std::string last = printed.substr(printed.rfind("{\"number\""));
    const auto newest = run.newest();
    REQUIRE(newest);
    CHECK(says(last, fmt::format("\"slot\": {},", newest->slot)));
    // A reader that comes too late gets the last record and the same answer.
    ChildProcess late = python_reader();
    CHECK(late.wait() == 1);
    CHECK(says(late.out(), fmt::format("\"slot\": {},", newest->slot)));
    CHECK(late.err() == "the writer is dead\n");
    CHECK(wait_until([&] { return says(watch.out(), "dead\n") || !watch.running(); }));

    run.start_and_settle();
    sleeper.signal(SIGCONT);
    CHECK(sleeper.wait() == 1);
    CHECK(says(sleeper.err(), "another writer has taken over"));
    CHECK(watch.wait() == 0);
    INFO(watch.err());
    CHECK(watch.out() == "live\ndead\nlive again\n");
    ChildProcess next = python_reader();
    REQUIRE(prints(next, 3));
    CHECK(run.daemon().stop() == 0);
    CHECK(next.wait() == 1);
    CHECK(next.err() == "the writer has stopped\n");
}

TEST_CASE("stopped for a while it goes on: the gap is counted as missed slots, not caught up") {
    AutorateRun run(line_settings(2));
    run.start_and_settle();
    const auto before = *run.newest();
    run.daemon().signal(SIGSTOP);
    std::this_thread::sleep_for(full_run() ? std::chrono::seconds(10) : std::chrono::seconds(2));
    const auto woken = steady_now();
    run.daemon().signal(SIGCONT);
    REQUIRE(run.until([&](const CycleRecord& now) {
        return now.missed_slots >= before.missed_slots + 30 && now.fresh == 1;
    }));
    CHECK(run.counter(static_cast<std::size_t>(CycleCounter::slots)) <
          run.newest()->slot - run.newest()->missed_slots + 5);
    const auto took = agreed_after(run, woken);
    CHECK(took);
    if (took && full_run()) WARN("agreed " << took->count() << " s after the first record");
    CHECK(run.daemon().running());
}

TEST_CASE("a full disk for the state is told once with the remedy, and told when there is room") {
    AutorateRun run;
    const std::string dir = run.files().file("disk");
    const TinyDisk disk(dir);
    if (!disk.mounted()) {
        WARN("skipped: no tmpfs can be mounted");
        return;
    }
    run.config().set("state.dir", toml_string(dir)).set("state.save_s", "1");
    run.start_and_settle();
    // No file can be made.
    REQUIRE(wait_until([&] { return run.logged("state is not saved") == 1; }));
    CHECK(run.logged("No space left on device") == 1);
    CHECK(run.logged("free some space there") == 1);
    REQUIRE(run.slots_pass(30));
    CHECK(run.newest()->fresh == 1);
    CHECK(run.logged("state is not saved") == 1);
    disk.remount("size=64k,nr_inodes=10");
    CHECK(wait_until([&] { return run.logged("state is saved again") == 1; }));
    // A file can be made, but not filled: the old one stays.
    fill(dir + "/ballast");
    CHECK(wait_until([&] { return run.logged("state is not saved") == 2; }));
    CHECK(run.logged("No space left on device") == 2);
    CHECK(read_state_file(dir + "/e2e.state", 1));
    std::filesystem::remove(dir + "/ballast");
    CHECK(wait_until([&] { return run.logged("state is saved again") == 2; }));
    // At the stop nothing can be written any more.
    disk.remount("ro,size=64k,nr_inodes=10");
    CHECK(run.daemon().stop() == 0);
    CHECK(read_state_file(dir + "/e2e.state", 1));
}

TEST_CASE("a log that cannot be written, full or without a reader, keeps nothing from working") {
    for (const std::string error : {"/dev/full", ">(exec true)"}) {
        INFO(error);
        AutorateRun run;
        run.start({}, {"bash", "-c", "exec \"$@\" 2> " + error, "bash"});
        REQUIRE(run.until([](const CycleRecord& now) {
            return now.fresh == 1 && router_of(now) == RouterState::ok;
        }));
        // What is told about now.
        run.sim().command(R"({"cmd":"status","status":500})");
        REQUIRE(run.until(
            [](const CycleRecord& now) { return router_of(now) == RouterState::failing; }));
        run.sim().command(R"({"cmd":"clear"})");
        run.daemon().signal(SIGHUP);
        REQUIRE(
            run.until([](const CycleRecord& now) { return router_of(now) == RouterState::ok; }));
        REQUIRE(run.slots_pass(20));
        CHECK(run.log().empty());
        CHECK(run.daemon().stop() == 0);
    }
}

TEST_CASE("a state directory that is read-only or missing keeps nothing from working") {
    AutorateRun run;
    const std::string dir = run.files().file("disk");
    SECTION("read-only") {
        const TinyDisk disk(dir, "size=64k");
        REQUIRE(disk.mounted());
        ::mount("none", dir.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr);
        run.config().set("state.dir", toml_string(dir)).set("state.save_s", "1");
        run.start_and_settle();
        REQUIRE(wait_until([&] { return run.logged("state is not saved") == 1; }));
        CHECK(run.logged("set [state] dir to a directory that can be written") == 1);
        REQUIRE(run.slots_pass(10));
        CHECK(run.daemon().stop() == 0);
    }
    SECTION("missing") {
        run.config().set("state.dir", toml_string(dir)).set("state.save_s", "1");
        run.start_and_settle();
        REQUIRE(wait_until([&] { return run.logged("create the directory " + dir) == 1; }));
        REQUIRE(run.slots_pass(10));
        CHECK(run.daemon().stop() == 0);
    }
}

TEST_CASE("a /dev/shm without room ends the start with a clear message and leaves nothing there") {
    AutorateRun run;
    run.start({}, {"unshare", "--mount", "sh", "-c",
                   "mount -t tmpfs -o size=64k none /dev/shm && \"$@\"; code=$?; ls -A /dev/shm; "
                   "exit $code",
                   "sh"});
    CHECK(run.daemon().wait() == 70);
    CHECK(run.logged("No space left on device") == 1);
    CHECK_FALSE(says(run.daemon().out(), "wanctl.e2e\n"));
}

TEST_CASE("a /dev/shm that fills up beside a running daemon costs it nothing") {
    AutorateRun run;
    run.start_and_settle();
    const auto resize = [](const char* size) {
        return ::mount("none", "/dev/shm", nullptr, MS_REMOUNT, size) == 0;
    };
    if (!resize("size=16m")) {
        WARN("skipped: /dev/shm cannot be made small");
        return;
    }
    fill("/dev/shm/ballast");
    REQUIRE(std::filesystem::space("/dev/shm").available == 0);
    // Each slot's record goes where none has been before.
    REQUIRE(run.slots_pass(100));
    CHECK(run.newest()->fresh == 1);
    CHECK(run.router_agrees());
    CHECK(run.daemon().stop() == 0);
    std::filesystem::remove("/dev/shm/ballast");
    CHECK(resize("size=50%"));
}
