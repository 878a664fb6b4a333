#include "autorate/control/wan_controller.hpp"

namespace wanctl::autorate {

namespace {

// From so many answers on their median leaves no outlier to filter.
constexpr int kMedianDoes = 3;

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
      target_(config.thresholds.target),
      rtt_(config.baseline, config.load_time_constant, mends_of(config).baseline_escape),
      spike_(config.thresholds.accel, mends_of(config).accel_confirm, config.load_time_constant,
             interval_),
      sides_{Side{ZoneMachine(zone_params(config, Direction::download)),
                  RateController(rate_params(config, Direction::download))},
             Side{ZoneMachine(zone_params(config, Direction::upload)),
                  RateController(rate_params(config, Direction::upload))}} {
    if (mends_of(config).hampel) {
        outliers_.emplace(interval_);
    }
}

Decision WanController::step(const SlotInput& input) {
    if (!input.rtt) {
        return current();
    }
    const std::int64_t slot = compat_ ? samples_ : input.slot;
    const Nanos passed = last_slot_ ? (slot - *last_slot_) * interval_ : interval_;
    const Cycles elapsed(passed);
    ++samples_;
    last_slot_ = slot;

    const Millis rtt =
        outliers_ ? outliers_->pass(*input.rtt, input.reflectors >= kMedianDoes) : *input.rtt;
    rtt_.update(rtt, elapsed);
    const bool spike = spike_.observe(rtt, rtt_.load(), passed) && rtt_.delta() > target_;
    Decision decision = current();
    decision.law.spike = spike;
    decision.law.outlier = outliers_ && outliers_->replaced();
    for (std::size_t i = 0; i < sides_.size(); ++i) {
        ZoneVerdict verdict = sides_[i].zones.update(rtt_.delta(), slot);
        verdict.spike = spike;
        const auto held = compat_ ? std::nullopt : input.held[i];
        decision.direction[i] = {.zone = verdict.zone,
                                 .rate = sides_[i].rates.update(verdict, elapsed, held),
                                 .transition = verdict.transition,
                                 .dwelling = verdict.dwelling,
                                 .in_deadband = verdict.in_deadband,
                                 .soft_red_lasting = verdict.soft_red_lasting};
    }
    return decision;
}

LawMemory WanController::memory() const {
    LawMemory memory{rtt_.load(), rtt_.baseline(), {}, {}};
    for (std::size_t i = 0; i < sides_.size(); ++i) {
        memory.zone[i] = sides_[i].zones.zone();
        memory.rate[i] = sides_[i].rates.rate();
    }
    return memory;
}

void WanController::restore(const LawMemory& memory) {
    rtt_.restore(memory.load, memory.baseline);
    for (std::size_t i = 0; i < sides_.size(); ++i) {
        sides_[i].zones.restore(memory.zone[i]);
        sides_[i].rates.restore(memory.rate[i]);
    }
}

void WanController::reconfigure(const AutorateConfig& config) {
    if (compat_ != (config.compat == Compat::v1_9)) {
        // Slots and samples are counted differently: streaks cannot go on.
        const LawMemory before = memory();
        *this = WanController(config);
        return restore(before);
    }
    target_ = config.thresholds.target;
    if (mends_of(config).hampel != outliers_.has_value()) {
        outliers_.reset();
        if (mends_of(config).hampel) {
            outliers_.emplace(interval_);
        }
    }
    spike_ = SpikeWatch(config.thresholds.accel, mends_of(config).accel_confirm,
                        config.load_time_constant, interval_);
    rtt_.reconfigure(config.baseline, config.load_time_constant, mends_of(config).baseline_escape);
    for (const Direction direction : {Direction::download, Direction::upload}) {
        Side& side = sides_[static_cast<std::size_t>(direction)];
        side.zones.reconfigure(zone_params(config, direction));
        side.rates.reconfigure(rate_params(config, direction));
    }
}

Decision WanController::current() const {
    Decision decision{rtt_.load(), rtt_.baseline(), rtt_.delta(), {}, {}};
    decision.law.baseline = rtt_.state();
    decision.law.longer_for = rtt_.path().longer_for();
    decision.law.least = rtt_.path().least();
    decision.law.spike_for = spike_.lasted();
    for (std::size_t i = 0; i < sides_.size(); ++i) {
        decision.direction[i].zone = sides_[i].zones.zone();
        decision.direction[i].rate = sides_[i].rates.rate();
    }
    return decision;
}

}  // namespace wanctl::autorate
