// The end of a daemon, asked for or not, and what readers and the router see of it.
#include <algorithm>
#include <csignal>

#include <fmt/format.h>

#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

// Requirement: 1 s; the machine may be busy with other things.
constexpr std::chrono::milliseconds kStop{2'500};

void check_ended_well(AutorateRun& run) {
    run.daemon().signal(SIGTERM);
    const auto code = run.daemon().wait(kStop);
    INFO(run.log());
    REQUIRE(code);
    CHECK(*code == 0);
    CHECK((run.newest()->flags & kFlagStopping) != 0);
    const auto shown = run_wanctl({"shm", "show", kWan});
    CHECK(shown.code == 1);
    CHECK(says(shown.out, "stopped"));
}

// The line is full and narrow, so that writes are always on their way.
void load_line(AutorateRun& run) {
    run.sim().command(R"({"cmd":"capacity","download_kbit":8000,"upload_kbit":2000})");
    REQUIRE(
        run.until([](const CycleRecord& now) { return now.direction[0].wanted_bps < 20'000'000; }));
}

std::size_t line_with(const std::string& text, const std::string& words) {
    const auto at = text.find(words);
    return at == text.npos
               ? text.npos
               : static_cast<std::size_t>(std::count(
                     text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

}  // namespace

TEST_CASE("SIGTERM ends the daemon within a second, its last record says so") {
    AutorateRun run(line_settings(2));
    run.start_and_settle();
    check_ended_well(run);
}

TEST_CASE("SIGTERM ends it as soon while the router is away or slow") {
    for (const std::string trouble :
         {R"({"cmd":"unreachable","mode":"refuse"})", R"({"cmd":"unreachable","mode":"drop"})",
          R"({"cmd":"slow","ms":20000})"}) {
        DYNAMIC_SECTION(trouble) {
            AutorateRun run(line_settings(2));
            run.start_and_settle();
            run.sim().command(trouble);
            load_line(run);
            check_ended_well(run);
        }
    }
}

TEST_CASE("SIGTERM ends it as soon during a blackout") {
    AutorateRun run;
    run.config().set("probe.fallback.max_s", "0.5");
    run.start_and_settle();
    run.sim().command(R"({"cmd":"blackout","on":true})");
    REQUIRE(run.until([](const CycleRecord& record) {
        return measurement_of(record) == MeasurementState::blackout;
    }));
    check_ended_well(run);
}

TEST_CASE("on_exit = \"ceiling\" leaves both queues at their ceilings") {
    AutorateRun run(line_settings(2));
    run.config().set("write.on_exit", toml_string("ceiling"));
    run.start_and_settle();
    load_line(run);
    REQUIRE(wait_until([&] { return run.sim().max_limit(kDownloadQueue) < 36'000'000; }));
    REQUIRE(wait_until([&] { return run.sim().max_limit(kUploadQueue) < 9'000'000; }));
    CHECK(run.daemon().stop() == 0);
    INFO(run.log());
    CHECK(run.sim().max_limit(kDownloadQueue) == 36'000'000);
    CHECK(run.sim().max_limit(kUploadQueue) == 9'000'000);
    CHECK(run.newest()->direction[0].held_bps == 36'000'000);
    CHECK(run.newest()->direction[1].held_bps == 9'000'000);
}

TEST_CASE("on_exit = \"ceiling\" gives up after exit_write_s and says so") {
    AutorateRun run(line_settings(2));
    run.config().set("write.on_exit", toml_string("ceiling")).set("router.exit_write_s", "1");
    run.start_and_settle();
    load_line(run);
    run.sim().command(R"({"cmd":"unreachable","mode":"refuse"})");
    REQUIRE(run.until(
        [](const CycleRecord& record) { return router_of(record) == RouterState::unreachable; }));
    run.daemon().signal(SIGTERM);
    CHECK(run.daemon().wait(2 * kStop) == 0);
    CHECK(run.logged("stopped before the router confirmed its last write") == 1);
}

TEST_CASE(
    "after SIGKILL and a restart readers go on with the new epoch, the router is left alone") {
    AutorateRun run;
    run.start_and_settle();
    const auto epoch = run.epoch();
    ChildProcess dump({wanctl_program(), "shm", "dump", kWan, "--follow", "--json"});
    REQUIRE(wait_until([&] { return says(dump.out(), "\"slot\""); }));

    run.daemon().signal(SIGKILL);
    REQUIRE(run.daemon().wait() == 128 + SIGKILL);
    run.start_and_settle();
    CHECK(run.epoch() > epoch);
    REQUIRE(run.slots_pass(10));
    REQUIRE(wait_until([&] { return says(dump.out(), R"("event":"restart")"); }));
    const auto restart = line_with(dump.out(), R"("event":"restart")");
    REQUIRE(wait_until([&] {
        const std::string out = dump.out();
        return static_cast<std::size_t>(std::count(out.begin(), out.end(), '\n')) > restart + 10;
    }));
    CHECK(says(dump.out(), fmt::format(R"("pid":{})", run.daemon().pid())));
    CHECK(dump.running());
    CHECK(run.sim().requests("PATCH") == 0);
}
