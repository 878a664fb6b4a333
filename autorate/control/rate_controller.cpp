#include "autorate/control/rate_controller.hpp"

#include <algorithm>

namespace wanctl::autorate {

namespace {

// Echoes are lost after about a second: a longer gap says nothing of the time it spans, and one
// sample after it must not move a rate by minutes of decay or growth.
constexpr Cycles kLongestMove{20.0};

}  // namespace

Rate RateController::update(const ZoneVerdict& verdict, Cycles elapsed, std::optional<Rate> held) {
    const bool congested = verdict.zone != Zone::green;
    const Rate from = congested && held ? std::min(rate_, *held) : rate_;
    // What a dwell held back is made up when it was none of a false alarm.
    rate_ = moved(verdict, from, std::min(elapsed + Cycles(verdict.held_back), kLongestMove));
    if (congested && params_.no_rise_while_congested) {
        rate_ = std::min(rate_, from);
    }
    return rate_;
}

void RateController::restore(Rate rate) {
    const Rate lowest = params_.floor[static_cast<std::size_t>(Zone::red)];
    rate_ = std::min(std::max(rate, lowest), params_.ceiling);
}

Rate RateController::moved(const ZoneVerdict& verdict, Rate from, Cycles elapsed) const {
    Rate to = from;
    Rate floor = params_.floor[static_cast<std::size_t>(verdict.zone)];
    switch (verdict.zone) {
        case Zone::red:
            to = scaled(from, factor_over(params_.factor_down, elapsed).value);
            break;
        case Zone::yellow:
            // Below target again: it waits there for GREEN, and there is nothing left to cut for.
            if (!verdict.in_deadband) {
                to = scaled(from, factor_over(params_.factor_down_yellow, elapsed).value);
            }
            break;
        case Zone::soft_red:
            if (verdict.soft_red_lasting) {
                to = scaled(from, factor_over(params_.factor_down_yellow, elapsed).value);
            }
            break;
        case Zone::green: {
            // Above target already: neither the floor nor a step may raise it.
            if (verdict.dwelling) {
                floor = std::min(floor, from);
                break;
            }
            const Rate step = scaled(params_.step_up, elapsed.count());
            if (verdict.green_sustained) {
                to = from + step;
            } else if (params_.first_green_by_step && from < floor) {
                to = std::min(from + step, floor);
            }
            if (params_.first_green_by_step) {
                floor = params_.floor[static_cast<std::size_t>(Zone::red)];
            }
            break;
        }
    }
    // Once, as RED would in one reference cycle, no deeper than the zone allows; on top of the
    // zone's own decay, so that it does not matter in whose slot it falls.
    if (verdict.spike && verdict.zone != Zone::red) {
        to = scaled(to, params_.factor_down.value);
    }
    // Floor first, then ceiling: the reference's order.
    return std::min(std::max(to, floor), params_.ceiling);
}

}  // namespace wanctl::autorate
