// Turns one direction's zone into its rate: decay while congested, creep up while GREEN.
#pragma once

#include "autorate/control/law_time.hpp"
#include "autorate/control/zone_machine.hpp"
#include "common/config/autorate_config.hpp"

namespace wanctl::autorate {

struct RateParams {
    Rate ceiling;
    std::array<Rate, 4> floor;  // [Zone]
    Rate step_up;               // per reference cycle
    Ratio factor_down;          // per reference cycle, RED
    Ratio factor_down_yellow;   // per reference cycle
    // The reference lets a zone's floor raise the rate while congested, and its first GREEN jump to
    // floor_green; these two mend that.
    bool no_rise_while_congested = false;
    bool first_green_by_step = false;
};

class RateController {
  public:
    // Starts at the ceiling, as the reference does.
    explicit RateController(const RateParams& params) : params_(params), rate_(params.ceiling) {}

    // `held` is what the router is known to hold: outside GREEN the law continues from the lower
    // of its own rate and that one. Give nothing when it is unknown or must not count.
    Rate update(const ZoneVerdict& verdict, Cycles elapsed, std::optional<Rate> held);

    // A rate is moved between the lowest floor and the ceiling.
    void restore(Rate rate);
    void reconfigure(const RateParams& params) {
        params_ = params;
        restore(rate_);
    }

    [[nodiscard]] Rate rate() const { return rate_; }

  private:
    [[nodiscard]] Rate moved(const ZoneVerdict& verdict, Rate from, Cycles elapsed) const;

    RateParams params_;
    Rate rate_;
};

}  // namespace wanctl::autorate
