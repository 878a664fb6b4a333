// The router comes back: from restarts with other ids, a damaged web server, a silent network, a
// stop of all its work. How soon, and that no other queue pays for it.
#include <csignal>

#include <cstdio>
#include <cstdlib>
#include <regex>

#include <fmt/format.h>

#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/full_run.hpp"
#include "tests/support/private_network.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

// Promised: 5 s. The machine may be busy with other things.
constexpr double kReturnS = 7.0;

double at_s(const CycleRecord& record) {
    return static_cast<double>(record.mono_ns) / 1e9;
}

bool well(AutorateRun& run, const CycleRecord& record) {
    return router_of(record) == RouterState::ok && statistics_of(record) == RouterState::ok &&
           run.sim().max_limit(kDownloadQueue) == 36'000'000 &&
           run.sim().max_limit(kUploadQueue) == 9'000'000 && run.router_agrees();
}

void settle(AutorateRun& run) {
    run.start_and_settle();
    REQUIRE(run.until([&](const CycleRecord& now) { return well(run, now); }));
}

// Waits until all is well; how long that took from `since`, and tells it when asked to.
double back(AutorateRun& run, const std::string& what, double since) {
    INFO(run.log());
    REQUIRE(run.until([&](const CycleRecord& now) { return well(run, now); },
                      std::chrono::seconds(90)));
    const double took = at_s(*run.newest()) - since;
    if (std::getenv("WANCTL_TELL_FAULTS") != nullptr)
        std::printf("| %s | | %.1f s | |\n", what.c_str(), took);
    return took;
}

void change_upload(AutorateRun& run) {
    run.sim().command(
        fmt::format(R"({{"cmd":"queue-set","queue":"{}","max-limit":"3M"}})", kUploadQueue));
}

// No limit of one queue ever went to the other: 36 Mbit/s is the download's, 9 the upload's.
void check_no_queue_got_the_other_limit(AutorateRun& run) {
    const auto of_upload =
        run.sim().command(fmt::format(R"({{"cmd":"history","queue":"{}"}})", kUploadQueue));
    const auto of_download =
        run.sim().command(fmt::format(R"({{"cmd":"history","queue":"{}"}})", kDownloadQueue));
    CHECK_FALSE(says(of_upload, R"("to":36000000})"));
    CHECK_FALSE(says(of_download, R"("to":9000000})"));
}

// Of the daemon's user, since the simulator started.
int writes_that_changed_nothing(AutorateRun& run) {
    const std::string changes = run.sim().command(R"({"cmd":"history"})");
    const std::regex own(R"re("by":"wanctl","from":(\d+),[^}]*"to":(\d+)\})re");
    int same = 0;
    int all = 0;
    for (std::sregex_iterator each(changes.begin(), changes.end(), own), end; each != end; ++each) {
        ++all;
        if ((*each)[1] == (*each)[2]) ++same;
    }
    INFO(changes);
    CHECK(all > 0);
    return same;
}

}  // namespace

TEST_CASE("a restart with other ids is got over within 5 s, and no other queue is written to") {
    AutorateRun run;
    settle(run);
    for (const std::string ids : {"swapped", "new"}) {
        INFO(ids);
        run.sim().command(fmt::format(R"({{"cmd":"reboot","for_s":1.5,"ids":"{}"}})", ids));
        change_upload(run);
        const double gone = at_s(*run.newest());
        CHECK(back(run, "reboot of 1.5 s, ids " + ids, gone + 1.5) < kReturnS);
        check_no_queue_got_the_other_limit(run);
    }
    CHECK(run.sim().requests("PATCH") == 2);
}

TEST_CASE("damage that another client did to the web server is got over within 5 s of its pause") {
    AutorateRun run;
    settle(run);
    for (const bool reconnects : {false, true}) {
        run.sim().command(R"({"cmd":"www-damage"})");
        if (reconnects) run.sim().command(R"({"cmd":"disconnect"})");
        change_upload(run);
        const double damaged = at_s(*run.newest());
        // The pause lasts 2.4 s at most.
        CHECK(back(run, reconnects ? "www damage, connections lost" : "www damage", damaged + 2.4) <
              kReturnS);
        run.sim().command(R"({"cmd":"clear"})");
    }
}

TEST_CASE("a request that another client gives up harms the daemon's, and is got over within 5 s") {
    SimSettings settings = line_settings();
    settings.users.push_back({"admin", "read,api,rest-api", "admin-password"});
    AutorateRun run(settings);
    settle(run);
    for (const bool reconnects : {false, true}) {
        run.sim().command(R"({"cmd":"www-abort"})");
        run.sim().command(R"({"cmd":"stall","count":1,"user":"admin"})");
        const auto given_up =
            run_to_end({"curl", "--silent", "--noproxy", "*", "--max-time", "0.3", "--cacert",
                        run.sim().ca_file(), "--user", "admin:admin-password",
                        run.sim().https_url() + "/rest/queue/tree"});
        constexpr int kTimedOut = 28;
        REQUIRE(given_up.code == kTimedOut);
        // The next request that is served does the damage.
        const auto polls = run.sim().requests("POST");
        REQUIRE(wait_until([&] { return run.sim().requests("POST") > polls; }));
        if (reconnects) run.sim().command(R"({"cmd":"disconnect"})");
        change_upload(run);
        const double damaged = at_s(*run.newest());
        // Its end is a reply with the status of another's request.
        const auto refused = reconnects ? 2U : 1U;
        INFO(run.log());
        REQUIRE(wait_until([&] { return run.logged("refuses the login (401)") == refused; }));
        CHECK(back(run,
                   reconnects ? "another's request given up, connections lost"
                              : "another's request given up",
                   damaged + 2.4) < kReturnS);
        CHECK(run.logged("refuses the login (401)") == refused);
        run.sim().command(R"({"cmd":"clear"})");
    }
    CHECK(run.sim().requests("PATCH") == 2);
}

TEST_CASE("a request given up is followed by a pause, so that the web server takes no damage") {
    SimSettings settings = line_settings();
    settings.more.insert(settings.more.end(), {"--command-limit-s", "4"});
    AutorateRun run(settings);
    run.config().set("router.request_timeout_s", "1");
    settle(run);
    run.sim().command(R"({"cmd":"www-abort"})");
    run.sim().command(R"({"cmd":"stall","count":1,"user":"wanctl"})");
    change_upload(run);
    REQUIRE(run.until(
        [](const CycleRecord& now) { return router_of(now) == RouterState::unreachable; }));
    // The statistics' user goes on all the while, and that alone must not be what suffers.
    const double given_up = at_s(*run.newest());
    CHECK(back(run, "request given up", given_up + 3.2) < kReturnS);
}

TEST_CASE("a router without a free session is got over when one is free") {
    AutorateRun run;
    settle(run);
    run.sim().command(R"({"cmd":"max-sessions","n":0})");
    run.sim().command(R"({"cmd":"disconnect"})");
    change_upload(run);
    REQUIRE(run.until(
        [](const CycleRecord& now) { return router_of(now) == RouterState::unreachable; }));
    REQUIRE(run.slots_pass(20));
    run.sim().command(R"({"cmd":"clear"})");
    CHECK(back(run, "sessions used up", at_s(*run.newest())) < kReturnS);
}

TEST_CASE("a network that swallows everything is noticed within seconds, and got over in 5 s") {
    AutorateRun run;
    settle(run);
    const auto requests = run.sim().requests("POST", "wanctl-stats");
    const double cut = at_s(*run.newest());
    REQUIRE(set_loopback(false));
    change_upload(run);
    REQUIRE(run.until([](const CycleRecord& now) {
        return statistics_of(now) == RouterState::unreachable &&
               router_of(now) == RouterState::unreachable;
    }));
    // TCP gives up after 5 s without an acknowledgement, first for the polls, then for the look-up
    // that follows: far below the 65 s for which a slow answer is waited for.
    CHECK(at_s(*run.newest()) - cut < 25.0);
    CHECK(run.sim().requests("POST", "wanctl-stats") <= requests + 1);
    REQUIRE(set_loopback(true));
    CHECK(back(run, "packets swallowed", at_s(*run.newest())) < kReturnS);
}

TEST_CASE("a router that stops working altogether is late, then back in 5 s, and nothing is lost") {
    AutorateRun run;
    settle(run);
    run.sim().signal(SIGSTOP);
    REQUIRE(run.until([](const CycleRecord& now) { return router_of(now) == RouterState::late; }));
    CHECK(run.logged("state=late") == 1);
    run.sim().signal(SIGCONT);
    const double went_on = at_s(*run.newest());
    // The simulated line stood still as well, so the law has moved: what counts is that they agree.
    REQUIRE(run.until([&](const CycleRecord& now) {
        return router_of(now) == RouterState::ok && statistics_of(now) == RouterState::ok &&
               (now.flags & kFlagWritePending) == 0 && run.router_agrees();
    }));
    CHECK(at_s(*run.newest()) - went_on < kReturnS);
    CHECK(writes_that_changed_nothing(run) == 0);
}

TEST_CASE("a command that stalls until the router ends it is waited for, and put right then") {
    SimSettings settings = line_settings();
    // The router's own 60 s with the full counts.
    const double limit_s = test::full_run() ? 60 : 6;
    settings.more.insert(settings.more.end(), {"--command-limit-s", fmt::format("{}", limit_s)});
    AutorateRun run(settings);
    settle(run);
    run.sim().command(R"({"cmd":"stall","count":1,"user":"wanctl"})");
    change_upload(run);
    REQUIRE(run.until([](const CycleRecord& now) { return router_of(now) == RouterState::late; }));
    const double begun = at_s(*run.newest());
    CHECK(back(run, fmt::format("stalled {} s", limit_s), begun - 2.0 + limit_s) < kReturnS);
    // One that stalled and took effect at its end, so there was nothing to repeat.
    CHECK(run.sim().requests("PATCH") == 1);
}
