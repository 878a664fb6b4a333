#include "common/loop/ticker.hpp"

#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "tests/support/catch.hpp"
#include "tests/support/counting_new.hpp"

using namespace wanctl;
using namespace std::chrono_literals;

namespace {

// The system's clock, moved ahead at will.
class ShiftedClock final : public Clock {
  public:
    [[nodiscard]] SteadyTime steady() const override { return system_.steady() + ahead; }
    [[nodiscard]] WallTime wall() const override { return system_.wall(); }

    Nanos ahead{};

  private:
    SystemClock system_;
};

// Runs the loop until `done`; false if that takes longer than anything here may.
template <typename Done>
bool run_until(boost::asio::io_context& io, Done done) {
    const SystemClock clock;
    const SteadyTime end = clock.steady() + 20s;
    while (!done()) {
        if (clock.steady() > end) return false;
        io.run_one_for(100ms);
        if (io.stopped()) io.restart();
    }
    return true;
}

}  // namespace

TEST_CASE("ticks come in order, on the grid of the first, none twice and none unaccounted for") {
    boost::asio::io_context io(1);
    const SystemClock clock;
    std::vector<Tick> ticks;
    Ticker ticker(io, clock, 5ms, [&](const Tick& tick) { ticks.push_back(tick); });
    ticker.start();
    CHECK(ticks.empty());
    REQUIRE(run_until(io, [&] { return ticks.size() >= 40; }));
    CHECK(ticks[0].slot == 0);
    std::uint64_t expected = 0;
    for (const Tick& tick : ticks) {
        CHECK(tick.slot == expected + tick.missed);
        CHECK(tick.deadline == ticks[0].deadline + tick.slot * 5ms);
        CHECK(tick.lateness == tick.now - tick.deadline);
        CHECK(tick.now >= tick.deadline);
        expected = tick.slot + 1;
    }
}

TEST_CASE("a handler that takes longer than a slot makes missed slots, not a burst") {
    boost::asio::io_context io(1);
    const SystemClock clock;
    std::vector<Tick> ticks;
    Ticker ticker(io, clock, 5ms, [&](const Tick& tick) {
        ticks.push_back(tick);
        if (ticks.size() != 3) return;
        while (clock.steady() < tick.deadline + 23ms) {
        }
    });
    ticker.start();
    REQUIRE(run_until(io, [&] { return ticks.size() >= 5; }));
    CHECK(ticks[3].missed >= 3);
    CHECK(ticks[3].slot == ticks[2].slot + 1 + ticks[3].missed);
    CHECK(ticks[4].deadline > ticks[3].now);
}

TEST_CASE("a jump of hours is one tick with all its missed slots") {
    boost::asio::io_context io(1);
    ShiftedClock clock;
    std::vector<Tick> ticks;
    Ticker ticker(io, clock, 5ms, [&](const Tick& tick) {
        ticks.push_back(tick);
        if (ticks.size() == 2) clock.ahead += 3h;
    });
    ticker.start();
    REQUIRE(run_until(io, [&] { return ticks.size() >= 3; }));
    CHECK(ticks[2].missed >= 3h / 5ms - 1);
    CHECK(ticks[2].slot == ticks[1].slot + 1 + ticks[2].missed);
    CHECK(ticks.size() == 3);
}

TEST_CASE("after start a tick costs no allocation, other handlers on the loop or not") {
    boost::asio::io_context io(1);
    const SystemClock clock;
    std::uint64_t count = 0;
    std::uint64_t before = 0;
    std::uint64_t after = 0;
    Ticker other(io, clock, 7ms, [](const Tick&) {});
    Ticker ticker(io, clock, 5ms, [&](const Tick&) {
        ++count;
        if (count == 5) before = test::allocations();
        if (count == 45) after = test::allocations();
    });
    ticker.start();
    other.start();
    REQUIRE(run_until(io, [&] { return count >= 45; }));
    CHECK(after - before == 0);
}

TEST_CASE("a postponed ticker waits a whole interval anew, and a stopped one stays stopped") {
    boost::asio::io_context io(1);
    ShiftedClock clock;
    std::vector<Tick> ticks;
    Ticker ticker(io, clock, 50ms, [&](const Tick& tick) { ticks.push_back(tick); });
    ticker.start();
    REQUIRE(run_until(io, [&] { return !ticks.empty(); }));
    SECTION("each time, as long as it is put off") {
        const SteadyTime first = ticks[0].deadline;
        const SteadyTime until = clock.steady() + 200ms;
        SteadyTime last{};
        while (clock.steady() < until) {
            last = clock.steady();
            ticker.postpone();
            io.poll();
            io.restart();
        }
        REQUIRE(run_until(io, [&] { return ticks.size() >= 3; }));
        CHECK(ticks[1].deadline >= last + 50ms);
        CHECK(ticks[1].deadline >= first + 200ms);
        CHECK(ticks[1].missed == 0);
        CHECK(ticks[2].deadline == ticks[1].deadline + (1 + ticks[2].missed) * 50ms);
    }
    SECTION("not when it is stopped") {
        ticker.stop();
        ticker.postpone();
        io.run_for(200ms);
        CHECK(ticks.size() == 1);
    }
}

TEST_CASE("no tick follows a stop, not even one that the loop has ready") {
    boost::asio::io_context io(1);
    const SystemClock clock;
    int count = 0;
    std::vector<std::unique_ptr<Ticker>> pair;
    for (int i = 0; i < 2; ++i) {
        pair.push_back(std::make_unique<Ticker>(io, clock, 5ms, [&](const Tick&) {
            ++count;
            for (const auto& ticker : pair) ticker->stop();
        }));
        pair.back()->start();
    }
    // Both are due by now: the loop takes both up in one turn, and the first one's handler stops
    // both.
    io.run();
    CHECK(count == 1);
}

TEST_CASE("a stopped ticker can start anew, at slot 0") {
    boost::asio::io_context io(1);
    const SystemClock clock;
    std::vector<Tick> ticks;
    Ticker ticker(io, clock, 5ms, [&](const Tick& tick) { ticks.push_back(tick); });
    ticker.start();
    REQUIRE(run_until(io, [&] { return ticks.size() == 2; }));
    // The waits of the runs before are cancelled, but still with the loop.
    for (int i = 0; i < 3; ++i) ticker.start();
    REQUIRE(run_until(io, [&] { return ticks.size() == 4; }));
    CHECK(ticks[2].slot == 0);
    CHECK(ticks[2].deadline > ticks[1].deadline);
}

TEST_CASE("a handler may stop or destroy its ticker") {
    boost::asio::io_context io(1);
    const SystemClock clock;
    int count = 0;
    std::unique_ptr<Ticker> doomed;
    doomed = std::make_unique<Ticker>(io, clock, 5ms, [&](const Tick&) {
        if (++count == 3) doomed.reset();
    });
    doomed->start();
    io.run();
    CHECK(count == 3);
    io.restart();
    int stopped = 0;
    Ticker ticker(io, clock, 5ms, [&](const Tick&) {
        if (++stopped == 2) ticker.stop();
    });
    ticker.start();
    io.run();
    CHECK(stopped == 2);
}

TEST_CASE("an interval outside 5 to 2000 ms is refused") {
    boost::asio::io_context io(1);
    const SystemClock clock;
    for (const Nanos interval : {Nanos(0), Nanos(-50ms), Nanos(4'999'999), Nanos(2'000'000'001)}) {
        CHECK_THROWS_AS(Ticker(io, clock, interval, [](const Tick&) {}), std::invalid_argument);
    }
    CHECK_NOTHROW(Ticker(io, clock, 5ms, [](const Tick&) {}));
    CHECK_NOTHROW(Ticker(io, clock, 2000ms, [](const Tick&) {}));
}
