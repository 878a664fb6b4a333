#include "autorate/actuate/router_load.hpp"

#include <memory>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/unit/actuate/fake_router.hpp"

using namespace wanctl;
using namespace wanctl::actuate;

namespace {

constexpr Nanos kInterval = std::chrono::milliseconds(20);

struct Bench {
    boost::asio::io_context loop;
    SystemClock clock;
    test::FakeRouter router{loop};
    routeros::RouterLink link{loop, clock, rest()};
    std::vector<Notice> notices;
    RouterLoad load;

    explicit Bench(const CpuWatchOptions& watch = {})
        : load(link, kInterval, watch,
               [this](const Notice& notice) { notices.push_back(notice); }) {}
    routeros::RestOptions rest() const {
        routeros::RestOptions options;
        options.url = router.server.url();
        options.user = "wanctl-stats";
        return options;
    }
    void start() {
        load.start(clock.steady());
        link.offer(clock.steady());
    }
    bool until(const std::function<bool()>& condition) { return test::run_until(loop, condition); }
    bool pass(int reads) {
        const int goal = router.resource_reads + reads;
        return until([&] { return router.resource_reads >= goal; });
    }
};

}  // namespace

TEST_CASE("the router's load is read at its own pace and known until it is too old") {
    Bench bench;
    const SteadyTime begun = bench.clock.steady();
    bench.start();
    REQUIRE(bench.until([&] { return bench.load.counters().read == 4; }));
    CHECK(bench.clock.steady() - begun >= 3 * kInterval);
    const SteadyTime now = bench.clock.steady();
    REQUIRE(bench.load.reading(now));
    CHECK(bench.load.reading(now)->cpu_percent == 7);
    CHECK(bench.load.reading(now)->flash_sectors == 1234U);
    CHECK_FALSE(bench.load.reading(now + 4 * kInterval));
    CHECK(bench.notices.empty());
}

TEST_CASE("a router that stays busy is told of once, and once when it no longer is") {
    CpuWatchOptions watch;
    watch.sustain = std::chrono::milliseconds(60);
    Bench bench(watch);
    bench.router.resource = R"({"cpu-load":"96"})";
    bench.start();
    REQUIRE(bench.until([&] { return !bench.notices.empty(); }));
    REQUIRE(bench.pass(8));
    REQUIRE(bench.notices.size() == 1);
    CHECK_FALSE(bench.notices[0].good);
    CHECK(bench.notices[0].message.find("96 %") != std::string::npos);
    bench.router.resource = R"({"cpu-load":"20"})";
    REQUIRE(bench.until([&] { return bench.notices.size() == 2; }));
    CHECK(bench.notices[1].good);
}

TEST_CASE("a load that cannot be read is unknown and told once; control does not rest on it") {
    Bench bench;
    bench.start();
    REQUIRE(bench.until([&] { return bench.load.counters().read > 0; }));
    bench.router.resource = R"({"cpu-load":"lots"})";
    REQUIRE(bench.until([&] { return bench.load.counters().failed >= 3; }));
    CHECK_FALSE(bench.load.reading(bench.clock.steady()));
    REQUIRE(bench.notices.size() == 1);
    CHECK(bench.notices[0].message.find("\"cpu-load\" is \"lots\"") != std::string::npos);
}

TEST_CASE("a router that is away is not told of here: those who depend on it do so") {
    Bench bench;
    bench.start();
    REQUIRE(bench.until([&] { return bench.load.counters().read > 0; }));
    bench.router.server.go_away();
    REQUIRE(bench.until([&] { return bench.load.counters().failed >= 1; }));
    CHECK_FALSE(bench.load.reading(bench.clock.steady()));
    CHECK(bench.notices.empty());
}

TEST_CASE("several on one link share one request, and each knows and judges its reading") {
    CpuWatchOptions watch;
    watch.sustain = std::chrono::milliseconds(60);
    Bench bench(watch);
    std::vector<Notice> others;
    auto other = std::make_unique<RouterLoad>(
        bench.link, kInterval, watch, [&](const Notice& notice) { others.push_back(notice); });
    CHECK(bench.link.users().size() == 1);
    bench.router.resource = R"({"cpu-load":"96"})";
    // Not at the same moment: they come together all the same.
    other->start(bench.clock.steady() + kInterval / 4);
    bench.start();
    REQUIRE(bench.until([&] { return !bench.notices.empty() && !others.empty(); }));
    const auto& mine = bench.load.counters();
    CHECK(mine.read == other->counters().read);
    CHECK(static_cast<std::uint64_t>(bench.router.resource_reads) == mine.read);
    CHECK(other->reading(bench.clock.steady())->cpu_percent == 96);
    CHECK(bench.load.reading(bench.clock.steady())->cpu_percent == 96);
    CHECK(others.size() == 1);

    // One that leaves, with a request in flight, takes nothing from those that stay.
    const int asked = bench.router.resource_reads;
    REQUIRE(bench.until([&] { return bench.router.resource_reads > asked; }));
    other.reset();
    const auto read = mine.read;
    CHECK(bench.until([&] { return mine.read >= read + 3; }));
    CHECK(mine.failed == 0);
}
