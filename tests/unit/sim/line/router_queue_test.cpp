#include "tests/sim/line/router_queue.hpp"

#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::sim;

namespace {

constexpr Nanos kStep = std::chrono::milliseconds(1);

// A queue on a fast link and its clock.
struct Bench {
    RouterQueue queue{{.link = Rate{10'000'000'000}}, 1};
    StageOutput out;
    Nanos now{0};

    void step(const BulkBytes& bulk = {}) {
        out.clear();
        queue.step(now, 1e6, bulk, out);
        now += kStep;
    }
    void idle(int steps) {
        for (int i = 0; i < steps; ++i) step();
    }
};

BulkBytes only(std::size_t flow, double bytes) {
    BulkBytes bulk;
    bulk.of[flow] = bytes;
    return bulk;
}

}  // namespace

TEST_CASE("after idling HTB lets bucket-size x max-limit through at once, then the limit") {
    Bench bench;
    bench.queue.set_limit(10_mbit, Ratio{0.1});
    bench.step(only(0, 500'000));
    CHECK(static_cast<double>(bench.queue.counters().bytes) == Approx(125'000 + 1250).margin(2));
    bench.step();
    CHECK(bench.out.bulk.of[0] == Approx(1250));
    bench.idle(1000);
    CHECK(bench.queue.backlog() == Approx(0).margin(1));
    CHECK(bench.queue.tokens() == Approx(125'000));
}

TEST_CASE("a smaller bucket holds less") {
    Bench bench;
    bench.queue.set_limit(10_mbit, Ratio{0.01});
    bench.step(only(0, 500'000));
    CHECK(bench.out.bulk.of[0] == Approx(12'500 + 1250));
}

TEST_CASE("a max-limit of 0 is none") {
    Bench bench;
    bench.step(only(0, 1'000'000));
    CHECK(bench.out.bulk.of[0] == Approx(1'000'000));
}

TEST_CASE("a sparse packet does not wait behind the backlog of bulk flows") {
    Bench bench;
    bench.queue.set_limit(10_mbit, Ratio{0.01});
    bench.step(only(0, 100'000));
    REQUIRE(bench.queue.backlog() > 80'000);
    bench.queue.enqueue({1, 77, 98, bench.now});
    const Nanos entered = bench.now;
    for (int i = 0; i < 5 && bench.out.packets.empty(); ++i) bench.step();
    REQUIRE(bench.out.packets.size() == 1);
    // Two packet times at the limit; the backlog alone would take 64 ms.
    CHECK(bench.out.packets[0].at - entered <= std::chrono::microseconds(2500));
}

TEST_CASE("backlogged flows share the limit evenly, packets and bulk alike") {
    Bench bench;
    bench.queue.set_limit(12_mbit, Ratio{0.0});
    double bulk = 0;
    std::size_t packets = 0;
    for (int i = 0; i < 1000; ++i) {
        if (i % 2 == 0) bench.queue.enqueue({1, 5, 1514, bench.now});
        bench.step(only(0, 1200));
        bulk += bench.out.bulk.of[0];
        packets += bench.out.packets.size();
    }
    CHECK(bulk == Approx(750'000).epsilon(0.03));
    CHECK(static_cast<double>(packets) * 1514 == Approx(750'000).epsilon(0.03));
}

TEST_CASE("CoDel drops from a flow that keeps more than 5 ms standing for 100 ms") {
    Bench bench;
    bench.queue.set_limit(10_mbit, Ratio{0.0});
    bench.step(only(0, 30'000));
    for (int i = 0; i < 90; ++i) bench.step(only(0, 1250));
    CHECK(bench.queue.counters().dropped == 0);
    for (int i = 0; i < 40; ++i) bench.step(only(0, 1250));
    CHECK(bench.queue.counters().dropped >= 1);
}

TEST_CASE("beyond the memory limit the longest flow loses") {
    RouterQueue queue({.memory_bytes = 50'000}, 1);
    queue.set_limit(1_mbit, Ratio{0.0});
    StageOutput out;
    BulkBytes bulk = only(0, 60'000);
    bulk.of[1] = 10'000;
    queue.step(Nanos(0), 1e6, bulk, out);
    CHECK(queue.backlog() <= 50'000);
    CHECK(out.dropped.of[0] > 18'000);
    CHECK(out.dropped.of[1] == 0);
}

TEST_CASE("counters can be reset, what is queued stays") {
    Bench bench;
    bench.queue.set_limit(10_mbit, Ratio{0.01});
    bench.step(only(0, 100'000));
    const auto before = bench.queue.counters();
    CHECK(before.packets > 0);
    CHECK(before.rate > Rate{});
    bench.queue.reset_counters();
    CHECK(bench.queue.counters().bytes == 0);
    CHECK(bench.queue.counters().queued_bytes == before.queued_bytes);
    CHECK(bench.queue.counters().queued_packets > 50);
}
