#include "tests/sim/line/line_model.hpp"

#include <array>
#include <optional>
#include <stdexcept>

#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::sim;

namespace {

constexpr std::array kBoth = {Direction::download, Direction::upload};

SteadyTime at(double seconds) {
    return SteadyTime(from_ms(seconds * 1e3));
}

LineSpec loaded(std::size_t flows = 4) {
    LineSpec spec;
    for (const Direction direction : kBoth) spec.set_flows(direction, flows);
    return spec;
}

void limit(LineModel& line, Rate download, Rate upload) {
    line.port(Direction::download).set_limit(download, Ratio{0.1});
    line.port(Direction::upload).set_limit(upload, Ratio{0.1});
}

void check_books(const LineModel& line) {
    for (const Direction direction : kBoth) {
        const auto bytes = line.bytes(direction);
        CHECK(bytes.offered > 0);
        CHECK(bytes.delivered + bytes.dropped + bytes.queued ==
              Approx(bytes.offered).epsilon(0).margin(1.0));
    }
}

// The RTT of one echo that goes up at `when`; nothing when it was lost.
std::optional<Nanos> echo(LineModel& line, SteadyTime when) {
    line.offer(Direction::upload, {1, 99, 98}, when);
    while (line.now() < when + std::chrono::seconds(10)) {
        line.advance(line.next_event().value_or(line.now() + std::chrono::milliseconds(1)));
        for (const auto& delivery : line.take_deliveries()) {
            if (!delivery.delivered) return std::nullopt;
            if (delivery.direction == Direction::download) return delivery.at - when;
            line.offer(Direction::download, {1, 99, 98}, delivery.at);
        }
    }
    return std::nullopt;
}

}  // namespace

TEST_CASE("every byte that goes in comes out, stands in a queue or was dropped") {
    LineSpec spec = loaded();
    spec.capacity = *CapacityTrace::generate("lte", 3);
    spec.loss = Ratio{0.002};
    spec.jitter = std::chrono::milliseconds(4);
    LineModel line(spec, SteadyTime());
    std::uint64_t tag = 0;
    for (int i = 1; i <= 30'000; ++i) {
        const SteadyTime now = at(i * 0.002);
        if (i == 5'000) limit(line, 25_mbit, 6_mbit);
        if (i == 10'000) line.set_blackout(true);
        if (i == 11'000) line.set_blackout(false);
        if (i == 15'000) line.set_capacity(Direction::download, Rate{0});
        if (i == 16'000) line.set_capacity(Direction::download, std::nullopt);
        for (const Direction direction : kBoth) line.offer(direction, {++tag, tag % 5, 1200}, now);
    }
    check_books(line);
    std::uint64_t back = line.take_deliveries().size();
    line.set_flows(Direction::download, 0);
    line.set_flows(Direction::upload, 0);
    line.advance(at(120));
    back += line.take_deliveries().size();
    CHECK(back == tag);
    CHECK(line.bytes(Direction::upload).queued == Approx(0).margin(0.01));
    check_books(line);
}

TEST_CASE("without shaping bulk flows fill the buffer to its depth") {
    LineModel line(loaded(), SteadyTime());
    line.advance(at(20));
    line.reset_figures();
    line.advance(at(80));
    // Each direction's buffer is 500 ms deep; loss takes them down by a third now and then.
    CHECK(line.verdict().rtt.quantile(0.5) > std::chrono::milliseconds(350));
    CHECK(line.verdict().rtt.quantile(1.0) > std::chrono::milliseconds(500));
    CHECK(line.verdict().rtt.quantile(1.0) <= std::chrono::milliseconds(1030));
    CHECK(line.bytes(Direction::download).dropped > 0);
    CHECK(line.verdict().goodput_bytes[1] > 0.95 * line.verdict().capacity_bytes[1]);
}

TEST_CASE("a limit 10 % below the capacity keeps the RTT near its base and the line busy") {
    LineModel line(loaded(), SteadyTime());
    limit(line, 45_mbit, 9_mbit);
    line.advance(at(10));
    line.reset_figures();
    line.advance(at(70));
    CHECK(line.verdict().rtt.quantile(0.99) < std::chrono::milliseconds(25));
    for (std::size_t i = 0; i < 2; ++i) {
        CHECK(line.verdict().goodput_bytes[i] > 0.85 * line.verdict().capacity_bytes[i]);
    }
}

TEST_CASE("an idle line delays a packet by its base and its own length") {
    LineModel line(LineSpec{}, SteadyTime());
    // 98 bytes at 10 and 50 Mbit/s and, at each end of the router, at 1 Gbit/s.
    const double wire_us = 98 * 8 * (1 / 10.0 + 1 / 50.0 + 2 / 1000.0);
    const auto rtt = echo(line, at(1.2345678));
    REQUIRE(rtt);
    CHECK(to_ms(*rtt) == Approx(20 + wire_us / 1000).margin(0.0001));
}

TEST_CASE("a packet sees the queue that the figures tell of") {
    LineModel line(loaded(), SteadyTime());
    for (int i = 1; i < 20; ++i) {
        line.advance(at(i * 3.0));
        const auto told = line.figures(Direction::upload);
        line.offer(Direction::upload, {1, 99, 98}, line.now());
        const SteadyTime sent = line.now();
        line.advance(sent + told.one_way_delay + std::chrono::milliseconds(2));
        const auto found = line.take_deliveries();
        REQUIRE(found.size() == 1);
        if (!found[0].delivered) continue;
        CHECK(to_ms(found[0].at - sent) == Approx(to_ms(told.one_way_delay)).margin(1.5));
    }
}

TEST_CASE("the same seed gives the same line, another another") {
    const auto run = [](std::uint64_t seed) {
        LineSpec spec = loaded();
        spec.seed = seed;
        spec.loss = Ratio{0.001};
        LineModel line(spec, SteadyTime());
        line.advance(at(30));
        return line.bytes(Direction::download).delivered;
    };
    CHECK(run(1) == run(1));
    CHECK(run(1) != run(2));
}

TEST_CASE("an hour of four flows in each direction runs as virtual time") {
    LineSpec spec = loaded();
    spec.capacity = *CapacityTrace::generate("demo", 1);
    LineModel line(spec, SteadyTime());
    line.advance(SteadyTime(std::chrono::hours(1)));
    CHECK(line.now() == SteadyTime(std::chrono::hours(1)));
    const auto bytes = line.bytes(Direction::download);
    CHECK(bytes.capacity ==
          Approx(to_seconds(std::chrono::hours(1)) *
                 static_cast<double>(spec.capacity.mean(Direction::download).bps) / 8)
              .epsilon(0.01));
    CHECK(bytes.goodput > 0.9 * bytes.capacity);
    check_books(line);
}

TEST_CASE("a blackout passes nothing and the flows come back after it") {
    LineModel line(loaded(), SteadyTime());
    limit(line, 45_mbit, 9_mbit);
    line.advance(at(20));
    line.set_blackout(true);
    const auto before = line.goodput(Direction::upload);
    CHECK_FALSE(echo(line, at(21)));
    line.advance(at(25));
    CHECK(line.goodput(Direction::upload) - before < 100'000);
    line.set_blackout(false);
    line.advance(at(40));
    line.reset_figures();
    line.advance(at(60));
    CHECK(line.verdict().goodput_bytes[0] > 0.8 * line.verdict().capacity_bytes[0]);
    CHECK(echo(line, at(60)));
}

TEST_CASE("loss takes its share of packets and slows the flows") {
    LineSpec spec;
    spec.loss = Ratio{0.2};
    LineModel line(spec, SteadyTime());
    int lost = 0;
    for (int i = 1; i <= 5000; ++i) line.offer(Direction::upload, {1, 99, 98}, at(i * 0.01));
    line.advance(at(60));
    for (const auto& delivery : line.take_deliveries()) lost += !delivery.delivered;
    CHECK(lost == Approx(1000).margin(120));

    LineModel slow(loaded(), SteadyTime());
    slow.set_loss(Ratio{0.02});
    slow.advance(at(60));
    LineModel fast(loaded(), SteadyTime());
    fast.advance(at(60));
    CHECK(slow.goodput(Direction::download) < fast.goodput(Direction::download) / 2);
}

TEST_CASE("a stalled line holds its packets and lets them go when it moves again") {
    LineModel line(LineSpec{}, SteadyTime());
    line.set_capacity(Direction::upload, Rate{0});
    line.offer(Direction::upload, {1, 99, 98}, at(1));
    line.advance(at(3));
    CHECK(line.take_deliveries().empty());
    line.set_capacity(Direction::upload, std::nullopt);
    line.advance(at(4));
    const auto found = line.take_deliveries();
    REQUIRE(found.size() == 1);
    CHECK(to_ms(found[0].at - at(3)) == Approx(10).margin(1.2));
}

TEST_CASE("jitter stays within its bounds and keeps the order") {
    LineSpec spec;
    spec.jitter = std::chrono::milliseconds(8);
    LineModel line(spec, SteadyTime());
    for (std::uint64_t i = 1; i <= 1000; ++i) {
        line.offer(Direction::upload, {i, 99, 98}, at(static_cast<double>(i) * 0.002));
    }
    line.advance(at(5));
    SteadyTime last;
    for (const auto& delivery : line.take_deliveries()) {
        const double way = to_ms(delivery.at - at(static_cast<double>(delivery.tag) * 0.002));
        CHECK((way >= 10.0 && way <= 14.2));
        CHECK(delivery.at >= last);
        last = delivery.at;
    }
}

TEST_CASE("flows start and stop by their plan") {
    LineSpec spec;
    spec.flows[0] = {{std::chrono::seconds(5), Nanos(std::chrono::seconds(10))},
                     {std::chrono::seconds(8), std::nullopt}};
    LineModel line(spec, SteadyTime());
    const auto flows_at = [&line](double seconds) {
        line.advance(at(seconds));
        return line.figures(Direction::download).flows;
    };
    CHECK(flows_at(4) == 0);
    CHECK(flows_at(6) == 1);
    CHECK(flows_at(9) == 2);
    CHECK(flows_at(12) == 1);
}

TEST_CASE("a spec that is no line is refused") {
    CHECK_THROWS_AS(LineModel(loaded(kMaxFlows + 1), SteadyTime()), std::invalid_argument);
    LineSpec spec;
    spec.loss = Ratio{1.5};
    CHECK_THROWS_AS(LineModel(spec, SteadyTime()), std::invalid_argument);
}
