// Reflectors that are configured by name.
#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/full_run.hpp"
#include "tests/support/hosts_file.hpp"
#include "tests/support/private_network.hpp"

using namespace wanctl;
using namespace wanctl::test;

TEST_CASE("names are looked up, again until they are known, and again when they fail") {
    AutorateRun run;
    HostsFile hosts;
    hosts.write("198.18.1.2 good.example\n");
    run.config().set("probe.reflectors", R"(["198.18.1.1", "good.example", "late.example"])");
    run.start_and_settle();
    INFO(run.log());
    REQUIRE(
        run.until([](const CycleRecord& record) { return record.reflector_answered == 0b011; }));
    REQUIRE(wait_until([&] { return run.logged("late.example: no address is known") == 1; }));
    hosts.write("198.18.1.2 good.example\n198.18.1.3 late.example\n");
    REQUIRE(
        run.until([](const CycleRecord& record) { return record.reflector_answered == 0b111; }));
    CHECK(run.logged("late.example: is at 198.18.1.3") == 1);
    CHECK(run.logged("late.example: no address is known") == 1);
}

TEST_CASE("a name that has an IPv6 address only is asked over IPv6") {
    if (!add_loopback_v6("2001:db8::2")) {
        WARN("skipped: no IPv6");
        return;
    }
    AutorateRun run;
    HostsFile hosts;
    hosts.write("2001:db8::2 six.example both.example\n198.18.1.2 both.example\n");
    run.config().set("probe.reflectors", R"(["six.example", "both.example"])");
    run.start_and_settle();
    INFO(run.log());
    REQUIRE(run.until([](const CycleRecord& record) { return record.reflector_answered == 0b11; }));
    CHECK(run.logged("six.example: is at 2001:db8::2") == 1);
    CHECK(run.logged("both.example: is at 198.18.1.2") == 1);
}

TEST_CASE("a name that fails is looked up again, its new address tried, and it is restored") {
    if (!full_run()) return;  // a minute and a half
    AutorateRun run;
    HostsFile hosts;
    hosts.write("198.18.1.99 moves.example\n");
    run.config().set("probe.reflectors", R"(["198.18.1.1", "198.18.1.2", "moves.example"])");
    run.start_and_settle();
    INFO(run.log());
    REQUIRE(wait_until([&] { return run.logged("moves.example: answers 0 %") == 1; }));
    REQUIRE(run.until([](const CycleRecord& record) { return record.reflector_active == 0b011; }));
    hosts.write("198.18.1.3 moves.example\n");
    // Looked up after half a minute; then three answers, half a minute apart.
    REQUIRE(run.until([](const CycleRecord& record) { return record.reflector_answered == 0b111; },
                      std::chrono::seconds(150)));
    CHECK(run.newest()->reflector_active == 0b111);
    CHECK(run.logged("moves.example: is at 198.18.1.3") == 1);
    CHECK(wait_until([&] { return run.logged("moves.example: answers again") == 1; }));
}

TEST_CASE("with names only and nobody to ask the line is blind, and the daemon goes on") {
    AutorateRun run;
    HostsFile hosts;
    run.config().set("probe.reflectors", R"(["one.example", "two.example"])");
    run.start();
    REQUIRE(run.until([](const CycleRecord& record) {
        return measurement_of(record) == MeasurementState::blind && record.reflector_active == 0;
    }));
    CHECK(run.sim().requests("PATCH") == 0);
    hosts.write("198.18.1.1 one.example\n198.18.1.2 two.example\n");
    REQUIRE(run.until([](const CycleRecord& record) { return record.reflector_answered == 0b11; }));
    CHECK(run.daemon().stop() == 0);
}
