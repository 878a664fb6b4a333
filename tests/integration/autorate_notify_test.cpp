// What systemd hears: ready once something was measured, alive while slots go on, stopping at the
// end.
#include <algorithm>
#include <csignal>

#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/notify_socket.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

bool still_alive(NotifySocket& systemd) {
    const auto before = systemd.count("WATCHDOG=1");
    return wait_until([&] { return systemd.count("WATCHDOG=1") >= before + 3; });
}

bool hears(NotifySocket& systemd, const std::string& words) {
    return wait_until([&] {
        const auto& heard = systemd.heard();
        return std::any_of(heard.begin(), heard.end(), [&](const std::string& line) {
            return line.starts_with("STATUS=") && says(line, words);
        });
    });
}

}  // namespace

TEST_CASE("systemd hears READY after the first slot, a pulse in every trouble, and STOPPING") {
    NotifySocket systemd;
    AutorateRun run;
    run.config().set("probe.fallback.max_s", "0.5");
    run.start({{"NOTIFY_SOCKET", systemd.path()}, {"WATCHDOG_USEC", "400000"}});
    REQUIRE(wait_until([&] { return systemd.count("READY=1") == 1; }));
    // What is ready has published.
    CHECK(run.newest());
    CHECK(hears(systemd, "measuring; router ok"));
    CHECK(still_alive(systemd));

    run.sim().command(R"({"cmd":"unreachable","mode":"refuse"})");
    CHECK(hears(systemd, "measuring; router unreachable"));
    CHECK(still_alive(systemd));
    run.sim().command(R"({"cmd":"blackout","on":true})");
    CHECK(hears(systemd, "blackout; router unreachable"));
    CHECK(still_alive(systemd));

    CHECK(systemd.count("STOPPING=1") == 0);
    CHECK(run.daemon().stop() == 0);
    CHECK(systemd.count("STOPPING=1") == 1);
    CHECK(systemd.count("READY=1") == 1);
}

TEST_CASE("a daemon that is held up is not kept alive by its watchdog notices") {
    NotifySocket systemd;
    AutorateRun run;
    run.start({{"NOTIFY_SOCKET", systemd.path()}, {"WATCHDOG_USEC", "200000"}});
    REQUIRE(still_alive(systemd));
    run.daemon().signal(SIGSTOP);
    // Until the kernel says it is stopped, a notice may still be on its way.
    REQUIRE(wait_until([&] {
        const auto stat =
            run_to_end({"ps", "-o", "stat=", "-p", std::to_string(run.daemon().pid())});
        return stat.out.starts_with("T");
    }));
    const auto heard = systemd.count("WATCHDOG=1");
    CHECK_FALSE(wait_until([&] { return systemd.count("WATCHDOG=1") > heard; },
                           std::chrono::milliseconds(500)));
    run.daemon().signal(SIGCONT);
    CHECK(still_alive(systemd));
    // It was away, and says how many slots that cost.
    CHECK(run.until([](const CycleRecord& record) { return record.missed_slots > 0; }));
}

TEST_CASE("a systemd that reads nothing holds no slot up, and hears READY once it reads again") {
    NotifySocket systemd;
    systemd.fill();
    AutorateRun run;
    run.start_and_settle({{"NOTIFY_SOCKET", systemd.path()}, {"WATCHDOG_USEC", "200000"}});
    CHECK(run.slots_pass(20));
    CHECK(hears(systemd, "measuring; router ok"));
    CHECK(systemd.count("READY=1") == 1);
    CHECK(still_alive(systemd));
}
