// When a wish becomes a write: pure, time is a parameter, no allocation.
//
// Decrease and increase are relative to what the router holds. A decrease goes out at once and is
// never rationed. An increase needs a GREEN zone, its queue's interval and a token. A change below
// min_change waits `settle`, unless the wish is the floor of its zone or the ceiling. The newest
// wish counts, nothing is sent that the router has, and one write is outstanding at a time.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "common/record/states.hpp"
#include "common/units.hpp"

namespace wanctl::actuate {

struct PolicyOptions {
    Ratio min_change{0.01};  // of what the router holds
    Nanos settle = std::chrono::seconds(2);
    Nanos increase_interval = std::chrono::milliseconds(250);  // per queue
    int increases_per_minute = 60;                             // of both queues together
    int increase_burst = 20;
    std::array<std::array<Rate, 4>, 2> floor{};  // [Direction][Zone]
    std::array<Rate, 2> ceiling{};               // [Direction]
};

enum class WriteKind : std::uint8_t { increase, decrease };

struct Write {
    Direction direction = Direction::download;
    Rate rate;
    WriteKind kind = WriteKind::decrease;
};

class WritePolicy {
  public:
    WritePolicy(const PolicyOptions& options, SteadyTime now);

    // What the law wants now. A rate below 1 bit/s is no wish.
    void want(SteadyTime now, Direction direction, Rate rate, Zone zone);
    // The last wish of a stop: both queues to their ceilings, at once, whatever the zone.
    void want_ceilings();

    // What the router has said it holds; kUnlimited for no limit. Nothing: unknown, nothing is
    // sent.
    void hold(SteadyTime now, Direction direction, std::optional<Rate> rate);

    // The write to send now.
    [[nodiscard]] std::optional<Write> next(SteadyTime now) const;
    void sent(SteadyTime now, const Write& write);
    // The outstanding write ended and the router holds `held`. What it would not take is not asked
    // for again until the wish or the router's own value changes.
    void ended(SteadyTime now, std::optional<Rate> held);

    [[nodiscard]] bool outstanding() const { return outstanding_.has_value(); }
    [[nodiscard]] std::optional<Rate> held(Direction direction) const;
    // The router does not hold what is wanted, as far as is known.
    [[nodiscard]] bool pending(Direction direction) const;

  private:
    struct Queue {
        std::optional<Rate> wanted;
        Zone zone = Zone::red;
        std::optional<Rate> held;
        std::optional<SteadyTime> apart_since;  // wanted and held differ since
        std::optional<SteadyTime> last_increase;
        std::optional<SteadyTime> last_sent;
        std::optional<Rate> not_taken;  // asked for, and the router kept `held` instead
    };

    [[nodiscard]] std::optional<Write> due(SteadyTime now, Direction direction) const;
    [[nodiscard]] bool worth_it(SteadyTime now, Direction direction) const;
    [[nodiscard]] Nanos credit(SteadyTime now) const;
    void compare(SteadyTime now, Queue& queue);

    PolicyOptions options_;
    std::array<Queue, 2> queues_;
    std::optional<Write> outstanding_;
    bool final_ = false;
    // The token bucket, counted in the time it takes to earn its tokens.
    Nanos token_;  // one token
    Nanos full_;
    Nanos credit_;
    SteadyTime credit_at_;
};

}  // namespace wanctl::actuate
