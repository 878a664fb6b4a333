#include "autorate/actuate/write_policy.hpp"

#include "common/routeros/queue_tree.hpp"
#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::actuate;

namespace {

constexpr Direction kDown = Direction::download;
constexpr Direction kUp = Direction::upload;

SteadyTime at_ms(int ms) {
    return SteadyTime(std::chrono::milliseconds(ms));
}

PolicyOptions options() {
    PolicyOptions options;
    options.floor[0] = {550_mbit, 350_mbit, 275_mbit, 200_mbit};
    options.floor[1] = {8_mbit, 8_mbit, 8_mbit, 8_mbit};
    options.ceiling = {940_mbit, 38_mbit};
    return options;
}

// A policy whose router holds 800 and 30 Mbit/s.
WritePolicy holding(const PolicyOptions& with = options()) {
    WritePolicy policy(with, at_ms(0));
    policy.hold(at_ms(0), kDown, 800_mbit);
    policy.hold(at_ms(0), kUp, 30_mbit);
    return policy;
}

// Sends what is due and lets the router take it.
std::optional<Write> apply(WritePolicy& policy, SteadyTime now) {
    const auto write = policy.next(now);
    if (!write) return write;
    policy.sent(now, *write);
    policy.ended(now, write->rate);
    return write;
}

}  // namespace

TEST_CASE("nothing is sent before the router's values are known") {
    WritePolicy policy(options(), at_ms(0));
    policy.want(at_ms(0), kDown, 200_mbit, Zone::red);
    CHECK_FALSE(policy.next(at_ms(10'000)));
    CHECK(policy.pending(kDown));
    policy.hold(at_ms(10'000), kDown, 800_mbit);
    CHECK(policy.next(at_ms(10'000)));
}

TEST_CASE("nothing is sent that the router has") {
    WritePolicy policy = holding();
    policy.want(at_ms(0), kDown, 800_mbit, Zone::green);
    CHECK_FALSE(policy.next(at_ms(100'000)));
    CHECK_FALSE(policy.pending(kDown));
}

TEST_CASE("a decrease goes out at once, again and again") {
    WritePolicy policy = holding();
    Rate rate = 800_mbit;
    for (int ms = 0; ms < 2000; ms += 50) {
        rate = scaled(rate, 0.96);
        policy.want(at_ms(ms), kDown, rate, Zone::yellow);
        const auto write = apply(policy, at_ms(ms));
        REQUIRE(write);
        CHECK(write->rate == rate);
        CHECK(write->kind == WriteKind::decrease);
    }
}

TEST_CASE("an increase waits for its queue's interval and then takes the newest wish") {
    WritePolicy policy = holding();
    policy.want(at_ms(0), kDown, 810_mbit, Zone::green);
    CHECK(apply(policy, at_ms(0))->rate == 810_mbit);
    for (int ms = 50; ms < 250; ms += 50) {
        policy.want(at_ms(ms), kDown, Rate{810'000'000 + ms * 1'000'000}, Zone::green);
        CHECK_FALSE(policy.next(at_ms(ms)));
    }
    CHECK(apply(policy, at_ms(250))->rate == 1010_mbit);
}

TEST_CASE("the interval is each queue's own") {
    WritePolicy policy = holding();
    policy.want(at_ms(0), kDown, 820_mbit, Zone::green);
    CHECK(apply(policy, at_ms(0))->direction == kDown);
    policy.want(at_ms(50), kUp, 31_mbit, Zone::green);
    CHECK(apply(policy, at_ms(50))->direction == kUp);
}

TEST_CASE("increases are rationed to the burst and then to the rate, decreases never") {
    PolicyOptions with = options();
    with.increase_interval = Nanos(0);
    WritePolicy policy = holding(with);
    Rate rate = 100_mbit;
    policy.hold(at_ms(0), kDown, rate);
    int sent = 0;
    for (int ms = 0; ms < 10'000; ms += 50) {
        rate = rate + 4_mbit;
        policy.want(at_ms(ms), kDown, rate, Zone::green);
        if (apply(policy, at_ms(ms))) ++sent;
    }
    // 20 at once, then one a second.
    CHECK(sent == 29);
    policy.want(at_ms(10'000), kDown, 50_mbit, Zone::red);
    CHECK(apply(policy, at_ms(10'000)));
    policy.want(at_ms(10'050), kDown, 40_mbit, Zone::red);
    CHECK(apply(policy, at_ms(10'050)));
}

TEST_CASE("a small change waits to settle, counted from when wish and router first differ") {
    for (const Rate wish : {804_mbit, 796_mbit}) {
        WritePolicy policy = holding();
        policy.want(at_ms(0), kDown, wish, Zone::green);
        CHECK_FALSE(policy.next(at_ms(0)));
        policy.want(at_ms(1000), kDown, Rate{wish.bps + 1}, Zone::green);
        CHECK_FALSE(policy.next(at_ms(1999)));
        CHECK(apply(policy, at_ms(2000))->rate == Rate{wish.bps + 1});
    }
}

TEST_CASE("after a write the next small change settles anew") {
    WritePolicy policy = holding();
    policy.want(at_ms(0), kDown, 796_mbit, Zone::yellow);
    const auto write = policy.next(at_ms(2000));
    REQUIRE(write);
    policy.sent(at_ms(2000), *write);
    policy.want(at_ms(2010), kDown, 795_mbit, Zone::yellow);
    policy.ended(at_ms(2020), 796_mbit);
    CHECK_FALSE(policy.next(at_ms(2020)));
    CHECK(policy.next(at_ms(4020)));
}

TEST_CASE("after an outside change a small difference settles anew") {
    WritePolicy policy = holding();
    policy.want(at_ms(0), kDown, 796_mbit, Zone::yellow);
    policy.hold(at_ms(1900), kDown, 797_mbit);
    CHECK_FALSE(policy.next(at_ms(3899)));
    CHECK(policy.next(at_ms(3900)));
}

TEST_CASE("small steps that add up go out when they have") {
    WritePolicy policy = holding();
    policy.want(at_ms(0), kDown, 796_mbit, Zone::yellow);
    CHECK_FALSE(policy.next(at_ms(0)));
    policy.want(at_ms(50), kDown, 792_mbit, Zone::yellow);
    CHECK(policy.next(at_ms(50)));
}

TEST_CASE("a small change to the zone's floor or to the ceiling goes out at once") {
    WritePolicy policy = holding();
    policy.hold(at_ms(0), kDown, Rate{350'500'000});
    policy.want(at_ms(0), kDown, 350_mbit, Zone::yellow);
    CHECK(apply(policy, at_ms(0))->rate == 350_mbit);
    policy.hold(at_ms(0), kDown, Rate{350'500'000});
    policy.want(at_ms(0), kDown, 350_mbit, Zone::red);
    CHECK_FALSE(policy.next(at_ms(0)));
    policy.hold(at_ms(0), kDown, 939_mbit);
    policy.want(at_ms(0), kDown, 940_mbit, Zone::green);
    CHECK(apply(policy, at_ms(0))->rate == 940_mbit);
}

TEST_CASE("while a zone is not GREEN its queue is never raised, not even after waiting") {
    for (const Zone zone : {Zone::yellow, Zone::soft_red, Zone::red}) {
        WritePolicy policy = holding();
        policy.want(at_ms(0), kDown, 900_mbit, zone);
        CHECK_FALSE(policy.next(at_ms(100'000)));
        policy.want(at_ms(100'000), kUp, 38_mbit, Zone::green);
        CHECK(apply(policy, at_ms(100'000))->direction == kUp);
        policy.want(at_ms(100'050), kDown, 900_mbit, Zone::green);
        CHECK(policy.next(at_ms(100'050)));
    }
}

TEST_CASE("a decrease goes before an increase, and equals take turns") {
    WritePolicy policy = holding();
    policy.want(at_ms(0), kDown, 900_mbit, Zone::green);
    policy.want(at_ms(0), kUp, 20_mbit, Zone::red);
    CHECK(policy.next(at_ms(0))->direction == kUp);
    WritePolicy both = holding();
    Direction last = kUp;
    for (int i = 1; i < 6; ++i) {
        both.want(at_ms(i), kDown, Rate{(80 - i) * 10'000'000}, Zone::red);
        both.want(at_ms(i), kUp, Rate{(30 - i) * 1'000'000}, Zone::red);
        const auto write = apply(both, at_ms(i));
        REQUIRE(write);
        CHECK(write->direction != last);
        last = write->direction;
    }
}

TEST_CASE("one write is outstanding, and the newest wish follows it") {
    WritePolicy policy = holding();
    policy.want(at_ms(0), kDown, 700_mbit, Zone::red);
    const auto first = policy.next(at_ms(0));
    policy.sent(at_ms(0), *first);
    for (int i = 1; i < 10; ++i) {
        policy.want(at_ms(i), kDown, Rate{(700 - i) * 1'000'000}, Zone::red);
        policy.want(at_ms(i), kUp, 20_mbit, Zone::red);
        CHECK_FALSE(policy.next(at_ms(i)));
    }
    policy.ended(at_ms(10), 700_mbit);
    CHECK(apply(policy, at_ms(10))->direction == kUp);
    policy.want(at_ms(11), kDown, 600_mbit, Zone::red);
    CHECK(apply(policy, at_ms(11))->rate == 600_mbit);
}

TEST_CASE("after a failed write nothing is sent until the router's value has been read again") {
    WritePolicy policy = holding();
    policy.want(at_ms(0), kDown, 700_mbit, Zone::red);
    policy.sent(at_ms(0), *policy.next(at_ms(0)));
    policy.ended(at_ms(5), std::nullopt);
    CHECK_FALSE(policy.held(kDown));
    CHECK_FALSE(policy.next(at_ms(5000)));
    policy.hold(at_ms(6000), kDown, 700_mbit);
    CHECK_FALSE(policy.next(at_ms(6000)));
    policy.hold(at_ms(7000), kDown, 800_mbit);
    CHECK(policy.next(at_ms(7000))->rate == 700_mbit);
}

TEST_CASE("what the router would not take is not asked for again until something changes") {
    WritePolicy policy = holding();
    policy.want(at_ms(0), kDown, 700_mbit, Zone::red);
    policy.sent(at_ms(0), *policy.next(at_ms(0)));
    policy.ended(at_ms(5), 650_mbit);
    policy.want(at_ms(50), kDown, 700_mbit, Zone::green);
    CHECK_FALSE(policy.next(at_ms(60'000)));
    SECTION("another wish") {
        policy.want(at_ms(60'000), kDown, 720_mbit, Zone::green);
        CHECK(policy.next(at_ms(60'000)));
    }
    SECTION("another value at the router") {
        policy.hold(at_ms(60'000), kDown, 660_mbit);
        CHECK(policy.next(at_ms(60'000)));
    }
}

TEST_CASE("a router without a limit is brought down at once") {
    WritePolicy policy = holding();
    policy.hold(at_ms(0), kDown, routeros::kUnlimited);
    policy.want(at_ms(0), kDown, 940_mbit, Zone::red);
    CHECK(policy.next(at_ms(0))->kind == WriteKind::decrease);
}

TEST_CASE("the last wish of a stop is the ceilings, unpaced and whatever the zone") {
    WritePolicy policy = holding();
    policy.want(at_ms(0), kDown, 200_mbit, Zone::red);
    policy.want_ceilings();
    policy.want(at_ms(1), kDown, 200_mbit, Zone::red);
    CHECK(apply(policy, at_ms(1))->rate == 940_mbit);
    CHECK(apply(policy, at_ms(1))->rate == 38_mbit);
    CHECK_FALSE(policy.next(at_ms(1)));
}

TEST_CASE("a rate below 1 bit/s is no wish, for RouterOS would take 0 as no limit") {
    WritePolicy policy = holding();
    policy.want(at_ms(0), kDown, Rate{0}, Zone::red);
    CHECK_FALSE(policy.next(at_ms(10'000)));
}
