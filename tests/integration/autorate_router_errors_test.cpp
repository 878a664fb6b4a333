// What the router may answer instead of obeying: each has its own state and message, said once.
#include <fmt/format.h>

#include "tests/support/autorate_run.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::test;

namespace {

struct Trouble {
    std::string command;
    RouterState state;
    std::string message;
};

// One user for everything, so that each failure is met, and told, by one connection.
void use_one_user(AutorateRun& run) {
    run.config().remove("router.stats_user").remove("router.stats_password_file");
}

void meet_and_recover(AutorateRun& run, const Trouble& trouble) {
    INFO(trouble.command);
    const auto told_before = run.logged(trouble.message);
    run.sim().command(trouble.command);
    REQUIRE(
        run.until([&](const CycleRecord& record) { return router_of(record) == trouble.state; }));
    const auto requests = run.sim().requests("GET");
    REQUIRE(wait_until([&] { return run.sim().requests("GET") > requests + 2; }));
    INFO(run.log());
    CHECK(run.logged(trouble.message) == told_before + 1);
    run.sim().command(R"({"cmd":"clear"})");
    REQUIRE(
        run.until([](const CycleRecord& record) { return router_of(record) == RouterState::ok; }));
    CHECK(run.sim().requests("PATCH") == 0);
}

std::string status(int code) {
    return fmt::format(R"({{"cmd":"status","status":{}}})", code);
}

}  // namespace

TEST_CASE("a refused login and a forbidden service are named once, and got over") {
    AutorateRun run;
    use_one_user(run);
    run.start_and_settle();
    meet_and_recover(run, {status(401), RouterState::unauthorized, "refuses the login (401)"});
    meet_and_recover(run, {status(403), RouterState::forbidden, "forbids REST here (403)"});
}

TEST_CASE("error statuses are named once, and got over") {
    AutorateRun run;
    use_one_user(run);
    run.start_and_settle();
    meet_and_recover(run, {status(415), RouterState::failing, "content type (415)"});
    meet_and_recover(run, {status(500), RouterState::failing, "failed on the request (500)"});
}

TEST_CASE("a web page instead of REST is named once, and got over") {
    AutorateRun run;
    use_one_user(run);
    run.start_and_settle();
    meet_and_recover(run, {R"({"cmd":"html"})", RouterState::bad_reply, "a web page instead"});
}

TEST_CASE("a deleted queue is named, and found again when it is made anew") {
    AutorateRun run;
    run.start_and_settle();
    run.sim().command(fmt::format(R"({{"cmd":"queue-delete","queue":"{}"}})", kUploadQueue));
    REQUIRE(run.until(
        [](const CycleRecord& record) { return router_of(record) == RouterState::queue_missing; }));
    CHECK(run.log().find(kUploadQueue) != std::string::npos);
    REQUIRE(run.slots_pass(20));
    const auto added = run_to_end(
        {"curl", "--silent", "--show-error", "--fail", "--noproxy", "*", "--cacert",
         run.sim().ca_file(), "--user", "wanctl:sim-password", "--request", "PUT", "--header",
         "content-type: application/json", "--data",
         fmt::format(
             R"({{"name":"{}","parent":"global","max-limit":"2M","queue":"default-small"}})",
             kUploadQueue),
         run.sim().https_url() + "/rest/queue/tree"});
    INFO(added.err);
    REQUIRE(added.code == 0);
    REQUIRE(
        run.until([](const CycleRecord& record) { return router_of(record) == RouterState::ok; }));
    // The new queue came with a limit of its own.
    CHECK(wait_until([&] { return run.sim().max_limit(kUploadQueue) == 9'000'000; }));
}
