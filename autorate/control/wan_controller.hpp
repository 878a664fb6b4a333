// The law of one WAN: (state, sample, time) to (state, decision). Pure: no I/O, no clock, no log,
// no allocation.
#pragma once

#include <array>

#include "autorate/control/law_memory.hpp"
#include "autorate/control/outlier_filter.hpp"
#include "autorate/control/rate_controller.hpp"
#include "autorate/control/rtt_tracker.hpp"
#include "autorate/control/spike_watch.hpp"
#include "autorate/control/zone_machine.hpp"
#include "common/config/autorate_config.hpp"

namespace wanctl::autorate {

// What a slot brings. `slot` counts intervals since start and never goes back; missed ones leave a
// gap.
struct SlotInput {
    std::int64_t slot = 0;
    std::optional<Millis> rtt;                // nothing: no new sample, nothing in the law moves
    std::array<std::optional<Rate>, 2> held;  // [Direction] what the router is known to hold
    int reflectors = 1;                       // whose replies made `rtt`
};

struct DirectionDecision {
    Zone zone = Zone::green;
    Rate rate;
    std::optional<Transition> transition;  // in this very slot
    // Of this slot's sample, see ZoneVerdict.
    bool dwelling = false;
    bool in_deadband = false;
    bool soft_red_lasting = false;
};

// What the mends are about, for whoever wants to see why.
struct LawState {
    BaselineState baseline = BaselineState::following;
    Nanos longer_for{};    // every round trip was longer than near the baseline
    Millis least{};        // of those; without them 0
    bool outlier = false;  // this slot's round trip was replaced
    Nanos spike_for{};     // a spike has lasted, and is not confirmed yet
    bool spike = false;    // confirmed in this very slot, above target: rates are cut
};

struct Decision {
    Millis load{};
    Millis baseline{};
    Millis delta{};
    std::array<DirectionDecision, 2> direction;  // [Direction]
    LawState law;
};

class WanController {
  public:
    explicit WanController(const AutorateConfig& config);

    Decision step(const SlotInput& input);

    [[nodiscard]] LawMemory memory() const;
    // Goes on from there instead of from the beginning; what the present limits do not allow is
    // moved to the nearest that they do. Streaks begin anew.
    void restore(const LawMemory& memory);
    // Other settings from the next sample on; filters, zones, streaks and rates stay, within the
    // new limits. The interval stays as it was.
    void reconfigure(const AutorateConfig& config);

  private:
    struct Side {
        ZoneMachine zones;
        RateController rates;
    };

    [[nodiscard]] Decision current() const;

    // Under compat "v1.9" a sample is a 50 ms cycle, whatever the clock says.
    bool compat_;
    Nanos interval_;
    std::int64_t samples_ = 0;
    std::optional<std::int64_t> last_slot_;
    Millis target_;
    std::optional<OutlierFilter> outliers_;
    RttTracker rtt_;
    SpikeWatch spike_;
    std::array<Side, 2> sides_;
};

}  // namespace wanctl::autorate
