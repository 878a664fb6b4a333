// What the daemon knows survives its end, however it comes, unless it is damaged; then it says so.
#include <sys/stat.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "shm/directory.hpp"
#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

constexpr auto kGoesOn = "going on from the state before";

std::string state_file(const AutorateRun& run) {
    return run.files().file(std::string(kWan) + ".state");
}

// As if the machine had been started anew.
void forget_ring() {
    std::remove(shm::object_path(kWan).c_str());
}

CycleRecord ended(AutorateRun& run, int number) {
    run.daemon().signal(number);
    REQUIRE(run.daemon().wait());
    return *run.newest();
}

bool same_law(const CycleRecord& a, const CycleRecord& b) {
    return a.direction[0].wanted_bps == b.direction[0].wanted_bps &&
           a.direction[1].wanted_bps == b.direction[1].wanted_bps && a.baseline_ns == b.baseline_ns;
}

// Starts on the silent line: the first record tells what the law began with.
CycleRecord begun(AutorateRun& run) {
    run.start();
    REQUIRE(run.until([](const CycleRecord& now) { return now.slot > 3; }));
    return *run.newest();
}

}  // namespace

TEST_CASE("a stop leaves a state from which the next start goes on, also after a reboot") {
    AutorateRun run(line_settings(2));
    run.start_and_settle();
    REQUIRE(run.settle_low());
    const CycleRecord last = ended(run, SIGTERM);
    REQUIRE(std::filesystem::exists(state_file(run)));
    forget_ring();
    const CycleRecord first = begun(run);
    INFO(run.log());
    CHECK(same_law(last, first));
    CHECK(run.logged(kGoesOn) == 1);
    CHECK(run.daemon().stop() == 0);
}

TEST_CASE("after SIGKILL the ring's last record is newer than the file") {
    AutorateRun run(line_settings(2));
    run.start_and_settle();
    REQUIRE(run.settle_low());
    const CycleRecord last = ended(run, SIGKILL);
    CHECK_FALSE(std::filesystem::exists(state_file(run)));
    const CycleRecord first = begun(run);
    INFO(run.log());
    CHECK(same_law(last, first));
}

TEST_CASE("the state is saved every save_s while it changes") {
    AutorateRun run;
    run.config().set("state.save_s", "1");
    run.start_and_settle();
    REQUIRE(wait_until([&] { return std::filesystem::exists(state_file(run)); }));
    const auto inode = [&] {
        struct stat status {};
        return ::stat(state_file(run).c_str(), &status) == 0 ? status.st_ino : 0;
    };
    const auto first = inode();
    CHECK(wait_until([&] { return inode() != first; }));
}

TEST_CASE("a router that was reset meanwhile is written to") {
    AutorateRun run(line_settings(2));
    run.start_and_settle();
    REQUIRE(run.settle_low());
    const CycleRecord last = ended(run, SIGTERM);
    forget_ring();
    run.sim().command(R"({"cmd":"queue-set","queue":"WAN-Download","max-limit":"36M"})");
    run.sim().command(R"({"cmd":"queue-set","queue":"WAN-Upload","max-limit":"0"})");
    run.sim().command(R"({"cmd":"blackout","on":false})");
    run.start();
    CHECK(run.until([&](const CycleRecord& now) {
        return now.direction[0].held_bps > 0 && now.direction[1].held_bps > 0 &&
               now.direction[0].held_bps <= 2 * last.direction[0].held_bps &&
               now.direction[1].held_bps <= 2 * last.direction[1].held_bps && run.router_agrees();
    }));
}

TEST_CASE("a state beyond the present limits is moved to them") {
    AutorateRun run(line_settings(2));
    run.start_and_settle();
    REQUIRE(run.settle_low());
    (void)ended(run, SIGTERM);
    run.config().set("download.ceiling_mbps", "5.0").set("upload.floor_mbps", "6.0");
    const CycleRecord first = begun(run);
    CHECK(first.direction[0].wanted_bps == 5'000'000);
    CHECK(first.direction[1].wanted_bps == 6'000'000);
}

TEST_CASE("a damaged state file is set aside and reported, and the law begins at the ceilings") {
    for (const std::string damage :
         {"", "garbage\n", "wanctl-state 7 00000000 0\n", "wanctl-state 1 8a7bd5d2 3\n{}\n"}) {
        DYNAMIC_SECTION(damage) {
            AutorateRun run;
            run.sim().command(R"({"cmd":"blackout","on":true})");
            run.files().write(std::string(kWan) + ".state", damage);
            forget_ring();
            const CycleRecord first = begun(run);
            INFO(run.log());
            CHECK(run.logged("set_aside=" + state_file(run) + ".damaged") == 1);
            CHECK(std::filesystem::exists(state_file(run) + ".damaged"));
            CHECK(first.direction[0].wanted_bps == 36'000'000);
            CHECK(run.daemon().running());
        }
    }
}
