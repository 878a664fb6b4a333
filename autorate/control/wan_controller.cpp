#include "autorate/control/wan_controller.hpp"

namespace wanctl::autorate {

namespace {

Nanos law_interval(const AutorateConfig& config) {
    return config.compat == Compat::v1_9 ? kReferenceCycle : Nanos(config.interval);
}

// Nothing that the reference lacks acts under compat.
ReferenceConfig mends_of(const AutorateConfig& config) {
    if (config.compat == Compat::none) {
        return config.reference;
    }
    ReferenceConfig none;
    none.soft_red_required = config.reference.soft_red_required;
    return none;
}

ZoneParams zone_params(const AutorateConfig& config, Direction direction) {
    const auto& side = config.direction[static_cast<std::size_t>(direction)];
    const ReferenceConfig mends = mends_of(config);
    return {direction,
            config.thresholds,
            law_interval(config),
            side.green_required * kReferenceCycle,
            mends.soft_red_required * kReferenceCycle,
            mends.soft_red_decay,
            mends.dwell,
            mends.deadband};
}

RateParams rate_params(const AutorateConfig& config, Direction direction) {
    const auto& side = config.direction[static_cast<std::size_t>(direction)];
    const ReferenceConfig mends = mends_of(config);
    RateParams params{side.ceiling,
                      side.floor.zone,
                      side.step_up,
                      side.factor_down,
                      side.factor_down_yellow,
                      mends.no_rise_while_congested,
                      mends.first_green_by_step};
    if (config.compat == Compat::v1_9 && direction == Direction::upload) {
        // The reference's upload knows one floor.
        params.floor.fill(side.floor.zone[static_cast<std::size_t>(Zone::red)]);
    }
    return params;
}

}  // namespace

WanController::WanController(const AutorateConfig& config)
    : compat_(config.compat == Compat::v1_9),
      interval_(law_interval(config)),
      rtt_(config.baseline, config.load_time_constant),
      sides_{Side{ZoneMachine(zone_params(config, Direction::download)),
                  RateController(rate_params(config, Direction::download))},
             Side{ZoneMachine(zone_params(config, Direction::upload)),
                  RateController(rate_params(config, Direction::upload))}} {}

Decision WanController::step(const SlotInput& input) {
    if (!input.rtt) {
        return current();
    }
    const std::int64_t slot = compat_ ? samples_ : input.slot;
    const Cycles elapsed =
        last_slot_ ? Cycles((slot - *last_slot_) * interval_) : Cycles(interval_);
    ++samples_;
    last_slot_ = slot;

    rtt_.update(*input.rtt, elapsed);
    Decision decision = current();
    for (std::size_t i = 0; i < sides_.size(); ++i) {
        const ZoneVerdict verdict = sides_[i].zones.update(rtt_.delta(), slot);
        const auto held = compat_ ? std::nullopt : input.held[i];
        decision.direction[i] = {verdict.zone, sides_[i].rates.update(verdict, elapsed, held),
                                 verdict.transition};
    }
    return decision;
}

Decision WanController::current() const {
    Decision decision{rtt_.load(), rtt_.baseline(), rtt_.delta(), {}};
    for (std::size_t i = 0; i < sides_.size(); ++i) {
        decision.direction[i] = {sides_[i].zones.zone(), sides_[i].rates.rate(), std::nullopt};
    }
    return decision;
}

}  // namespace wanctl::autorate
