#include "tests/support/sim_process.hpp"

#include <csignal>
#include <filesystem>
#include <stdexcept>

#include "tests/support/catch.hpp"

using namespace wanctl::test;

TEST_CASE("a simulated router starts, is commanded, and comes back on the same ports") {
    SimProcess router;
    CHECK(router.http_port() != 0);
    CHECK(router.pin().starts_with("sha256//"));
    CHECK(std::filesystem::exists(router.ca_file()));
    CHECK(router.max_limit("WAN-Download") == 100'000'000);
    router.command(R"({"cmd":"queue-set","queue":"WAN-Download","max-limit":"5M"})");
    CHECK(router.max_limit("WAN-Download") == 5'000'000);
    CHECK_THROWS_AS(router.max_limit("absent"), std::runtime_error);
    CHECK_THROWS_AS(router.command(R"({"cmd":"walk"})"), std::runtime_error);
    CHECK(router.requests("GET") == 0);
    const auto url = router.https_url();
    const auto pin = router.pin();
    router.restart();
    CHECK(router.https_url() == url);
    CHECK(router.pin() == pin);
    CHECK(router.max_limit("WAN-Download") == 100'000'000);
}

TEST_CASE("a simulator that cannot start says why") {
    SimSettings settings;
    settings.more = {"--queue", "WAN-Download"};
    CHECK_THROWS_WITH(SimProcess(settings), Catch::Contains("already have such entry"));
}

TEST_CASE("a child's output and end are seen") {
    ChildProcess child({"sh", "-c", "echo out; echo $WORD >&2; exit 3"}, {{"WORD", "err"}});
    CHECK(child.wait() == 3);
    CHECK(child.out() == "out\n");
    CHECK(child.err() == "err\n");
    ChildProcess stubborn({"sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"});
    REQUIRE(wait_until([&stubborn] { return stubborn.out() == "ready\n"; }));
    CHECK(stubborn.stop(std::chrono::milliseconds(100)) == 128 + SIGKILL);
    ChildProcess absent({"no-such-program-anywhere"});
    CHECK(absent.wait() == 127);
}

TEST_CASE("a private directory is gone with its object") {
    std::filesystem::path path;
    {
        const TempDir dir;
        path = dir.path();
        CHECK(std::filesystem::exists(dir.write("secret", "text")));
        CHECK((std::filesystem::status(path).permissions() & std::filesystem::perms::others_all) ==
              std::filesystem::perms::none);
    }
    CHECK_FALSE(std::filesystem::exists(path));
}
