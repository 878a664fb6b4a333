// Properties of the write policy under random wishes, zones, delays and outcomes.
#include "autorate/actuate/write_policy.hpp"

#include <array>
#include <cstdlib>
#include <vector>

#include <rapidcheck.h>

#include "tests/support/catch.hpp"

using namespace wanctl;
using namespace wanctl::actuate;

namespace {

enum class Outcome : std::uint8_t { applied, differs, lost_applied, lost_ignored };

// One slot: both wishes, and how the next write to begin will fare.
struct Slot {
    std::array<int, 2> rate_mbit;
    std::array<Zone, 2> zone;
    int gap_ms;
    int reply_after;  // slots
    Outcome outcome;
    bool outside;  // somebody else sets the download queue
};

std::ostream& operator<<(std::ostream& out, const Slot& slot) {
    return out << "{" << slot.rate_mbit[0] << " z" << static_cast<int>(slot.zone[0]) << ", "
               << slot.rate_mbit[1] << " z" << static_cast<int>(slot.zone[1]) << ", +"
               << slot.gap_ms << "ms, reply " << slot.reply_after << ", o"
               << static_cast<int>(slot.outcome) << (slot.outside ? ", outside" : "") << "}";
}

rc::Gen<Zone> any_zone() {
    return rc::gen::element(Zone::green, Zone::green, Zone::yellow, Zone::soft_red, Zone::red);
}

rc::Gen<Slot> any_slot() {
    return rc::gen::build<Slot>(
        rc::gen::set(&Slot::rate_mbit,
                     rc::gen::container<std::array<int, 2>>(rc::gen::inRange(1, 100))),
        rc::gen::set(&Slot::zone, rc::gen::container<std::array<Zone, 2>>(any_zone())),
        rc::gen::set(&Slot::gap_ms, rc::gen::element(5, 50, 50, 50, 300, 3000)),
        rc::gen::set(&Slot::reply_after, rc::gen::inRange(0, 5)),
        rc::gen::set(
            &Slot::outcome,
            rc::gen::element(Outcome::applied, Outcome::applied, Outcome::applied, Outcome::differs,
                             Outcome::lost_applied, Outcome::lost_ignored)),
        rc::gen::set(&Slot::outside, rc::gen::weightedElement<bool>({{9, false}, {1, true}})));
}

// The policy and a router that does what the slots say. Checks every write as it is sent.
struct World {
    SteadyTime now{};
    WritePolicy policy;
    std::array<Rate, 2> router{50_mbit, 50_mbit};  // what it really has
    std::optional<Write> write;
    Outcome outcome = Outcome::applied;
    int wait = 0;
    std::array<std::optional<SteadyTime>, 2> raised;
    int writes = 0;

    World() : policy(limits(), now) { read(); }

    static PolicyOptions limits() {
        PolicyOptions options;
        for (auto& zones : options.floor) zones.fill(1_mbit);
        options.ceiling = {100_mbit, 100_mbit};
        return options;
    }
    static std::size_t at(Direction direction) { return static_cast<std::size_t>(direction); }

    void read() {
        policy.hold(now, Direction::download, router[0]);
        policy.hold(now, Direction::upload, router[1]);
    }
    void reply() {
        Rate& real = router[at(write->direction)];
        std::optional<Rate> told;
        if (outcome != Outcome::lost_ignored) real = write->rate;
        if (outcome == Outcome::differs) real = real - Rate{1};
        if (outcome == Outcome::applied || outcome == Outcome::differs) told = real;
        policy.ended(now, told);
        if (!told) read();
        write.reset();
    }
    void send(const Slot& slot, const std::array<Rate, 2>& wish) {
        const auto next = policy.next(now);
        if (!next) return;
        RC_ASSERT(!write);
        const std::size_t d = at(next->direction);
        const Rate held = policy.held(next->direction).value();
        RC_ASSERT(next->rate == wish[d]);
        RC_ASSERT(next->rate != held);
        if (next->rate > held) {
            RC_ASSERT(slot.zone[d] == Zone::green);
            RC_ASSERT(!raised[d] || now - *raised[d] >= std::chrono::milliseconds(250));
            raised[d] = now;
        }
        policy.sent(now, *next);
        write = next;
        outcome = slot.outcome;
        wait = slot.reply_after;
        ++writes;
    }
    void step(const Slot& slot) {
        now += std::chrono::milliseconds(slot.gap_ms);
        if (slot.outside && !write) {
            router[0] = Rate{router[0].bps / 2 + 30'000'000};
            read();
        }
        if (write && wait-- <= 0) reply();
        std::array<Rate, 2> wish;
        for (std::size_t d = 0; d < 2; ++d) {
            wish[d] = Rate{slot.rate_mbit[d] * 1'000'000};
            policy.want(now, static_cast<Direction>(d), wish[d], slot.zone[d]);
        }
        send(slot, wish);
    }
};

void check(const char* name, const std::function<void(const std::vector<Slot>&)>& property) {
    const auto result =
        rc::check(name, [&] { property(*rc::gen::container<std::vector<Slot>>(any_slot())); });
    CHECK(result);
}

}  // namespace

TEST_CASE("no congested zone ever raises what the router holds") {
    check("writes only raise in GREEN, paced, to the newest wish, one at a time",
          [](const std::vector<Slot>& slots) {
              World world;
              for (const Slot& slot : slots) world.step(slot);
          });
}

TEST_CASE("a congested queue whose wish is below what the router holds is being written") {
    check("a decrease worth sending never waits but for the write in flight",
          [](const std::vector<Slot>& slots) {
              World world;
              for (const Slot& slot : slots) {
                  world.step(slot);
                  if (world.write) continue;
                  for (std::size_t d = 0; d < 2; ++d) {
                      const double held = static_cast<double>(world.router[d].bps);
                      RC_ASSERT(slot.rate_mbit[d] * 1e6 > held * 0.99 - 1.0);
                  }
              }
          });
}

TEST_CASE("once the wishes stand still in GREEN the router comes to hold them, and writing ends") {
    check("converges", [](const std::vector<Slot>& slots) {
        World world;
        const Slot calm{{40, 60}, {Zone::green, Zone::green}, 300, 0, Outcome::applied, false};
        for (Slot slot : slots) {
            // What the router once would not take is not asked for again, however calm it is then.
            const bool same =
                slot.rate_mbit[0] == calm.rate_mbit[0] || slot.rate_mbit[1] == calm.rate_mbit[1];
            if (same && slot.outcome == Outcome::differs) slot.outcome = Outcome::applied;
            world.step(slot);
        }
        for (int i = 0; i < 600; ++i) world.step(calm);
        RC_ASSERT(world.router[0] == 40_mbit);
        RC_ASSERT(world.router[1] == 60_mbit);
        const int writes = world.writes;
        for (int i = 0; i < 100; ++i) world.step(calm);
        RC_ASSERT(world.writes == writes);
    });
}

TEST_CASE("a wish that stands still is written once, even to a router that takes another value") {
    check("no write is repeated without cause", [](const std::vector<Slot>& slots) {
        World world;
        for (const Slot& slot : slots) world.step(slot);
        const Slot stubborn{{40, 60}, {Zone::green, Zone::green}, 300, 0, Outcome::differs, false};
        for (int i = 0; i < 20; ++i) world.step(stubborn);
        const int writes = world.writes;
        for (int i = 0; i < 200; ++i) world.step(stubborn);
        RC_ASSERT(world.writes <= writes + 2);
    });
}
