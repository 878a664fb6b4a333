// The router goes away, comes back, is changed by others, or needs nothing.
#include <fmt/format.h>

#include "common/record/cycle_counters.hpp"
#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

// Requirement: 5 s; twice that, since the machine may be busy with other things.
constexpr std::chrono::seconds kReturn{10};

bool router_is(const CycleRecord& record, RouterState state) {
    return router_of(record) == state;
}

// Under load on a line that became narrow: what the law wants falls.
void narrow_line(AutorateRun& run) {
    run.sim().command(R"({"cmd":"capacity","download_kbit":8000,"upload_kbit":2000})");
}

}  // namespace

TEST_CASE("while the router is away slots go on, and the last wish reaches it within 5 s after") {
    for (const std::string mode : {"refuse", "drop"}) {
        DYNAMIC_SECTION(mode) {
            AutorateRun run(line_settings(2));
            // A dropped connection is known as dead only by this.
            run.config().set("router.request_timeout_s", "2");
            run.start_and_settle();
            const auto before = run.newest();
            run.sim().command(fmt::format(R"({{"cmd":"unreachable","mode":"{}"}})", mode));
            narrow_line(run);
            REQUIRE(run.until([&](const CycleRecord& now) {
                return router_is(now, RouterState::unreachable) &&
                       now.direction[0].wanted_bps < before->direction[0].wanted_bps / 2;
            }));
            const auto held_meanwhile = run.sim().max_limit(kDownloadQueue);
            REQUIRE(run.slots_pass(20));
            CHECK(run.sim().max_limit(kDownloadQueue) == held_meanwhile);
            CHECK((run.newest()->flags & kFlagWritePending) != 0);
            CHECK(run.counter(static_cast<std::size_t>(CycleCounter::stats_failed)) > 0);

            run.sim().command(R"({"cmd":"clear"})");
            CHECK(run.until(
                [&](const CycleRecord& now) {
                    return router_is(now, RouterState::ok) &&
                           run.sim().max_limit(kDownloadQueue) < held_meanwhile / 2;
                },
                kReturn));
            CHECK(wait_until([&] { return run.router_agrees(); }));
            // Each of the two connections says it once.
            INFO(run.log());
            CHECK(run.logged("warning router state=unreachable") == 1);
            CHECK(run.logged("warning statistics ") == 1);
            CHECK(wait_until([&] { return run.logged("info statistics ") == 1; }));
        }
    }
}

TEST_CASE("after a reboot of the router the queues are read again and the wish is applied") {
    AutorateRun run;
    run.start_and_settle();
    run.sim().command(R"({"cmd":"reboot","for_s":1})");
    REQUIRE(
        run.until([](const CycleRecord& now) { return router_is(now, RouterState::unreachable); }));
    // The router comes back with what its file said before we ever wrote.
    run.sim().command(
        fmt::format(R"({{"cmd":"queue-set","queue":"{}","max-limit":"3M"}})", kUploadQueue));
    CHECK(
        run.until([](const CycleRecord& now) { return router_is(now, RouterState::ok); }, kReturn));
    CHECK(wait_until([&] { return run.sim().max_limit(kUploadQueue) == 9'000'000; }, kReturn));
    CHECK(wait_until([&] { return run.router_agrees(); }));
    CHECK(run.sim().max_limit(kDownloadQueue) == 36'000'000);
}

TEST_CASE("a limit changed by somebody else is noticed and put right") {
    AutorateRun run;
    run.start_and_settle();
    run.sim().command(
        fmt::format(R"({{"cmd":"queue-set","queue":"{}","max-limit":"5M"}})", kDownloadQueue));
    REQUIRE(wait_until([&] { return run.sim().max_limit(kDownloadQueue) == 36'000'000; }));
    REQUIRE(wait_until([&] { return run.router_agrees(); }));
    CHECK(run.sim().requests("PATCH") == 1);
    CHECK(run.logged("zone changed") == 0);
}

TEST_CASE("an unchanged line costs no write, one connection a user, and polls as configured") {
    AutorateRun run;
    run.start_and_settle();
    const auto polls_before = run.sim().requests("POST", "wanctl-stats");
    const auto first = run.newest();
    REQUIRE(run.slots_pass(120));
    const auto polls = run.sim().requests("POST", "wanctl-stats") - polls_before;
    const auto last = run.newest();
    const double seconds = static_cast<double>(last->mono_ns - first->mono_ns) / 1e9;
    INFO(seconds << " s");
    CHECK(run.sim().requests("PATCH") == 0);
    CHECK(run.sim().requests("GET", "wanctl") == 1);
    CHECK(run.sim().requests("POST", "wanctl") == 0);
    CHECK(polls > 0);
    // One for the part of an interval at either end.
    CHECK(static_cast<double>(polls) <= seconds * 4 + 2);
    CHECK(run.sim().accepted_sockets() == 2);
    CHECK(last->queue[0].age_ns != kUnknownNs);
    CHECK(run.logged("zone changed") == 0);
}

TEST_CASE("the router's processors are read rarely by the user that polls, and shown") {
    AutorateRun run;
    run.sim().command(R"({"cmd":"cpu","percent":41})");
    run.start_and_settle();
    REQUIRE(run.until([](const CycleRecord& now) { return now.router_cpu_percent == 41; }));
    CHECK(run.newest()->router_flash_sectors == 0);
    CHECK(statistics_of(*run.newest()) == RouterState::ok);
    const auto shown = run_wanctl({"shm", "show", kWan});
    INFO(shown.out);
    CHECK(says(shown.out, "router     ok, CPU 41 %"));
    CHECK(says(shown.out, " of 50.0 ms used ("));
    const auto first = run.newest();
    const auto reads_before = run.sim().requests("GET", "wanctl-stats");
    run.sim().command(R"({"cmd":"cpu","percent":87})");
    REQUIRE(run.until([](const CycleRecord& now) { return now.router_cpu_percent == 87; }));
    const auto reads = run.sim().requests("GET", "wanctl-stats") - reads_before;
    const double seconds = static_cast<double>(run.newest()->mono_ns - first->mono_ns) / 1e9;
    INFO(seconds << " s");
    CHECK(static_cast<double>(reads) <= seconds / 5 + 1);
    CHECK(run.sim().requests("GET", "wanctl") == 1);
    CHECK(run.logged("router cpu") == 0);
}
