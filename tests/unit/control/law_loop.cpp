#include "tests/unit/control/law_loop.hpp"

#include <algorithm>

namespace wanctl {

namespace {

constexpr std::array kDirections{Direction::download, Direction::upload};

std::size_t index(Direction direction) {
    return static_cast<std::size_t>(direction);
}

actuate::PolicyOptions options(const AutorateConfig& config) {
    actuate::PolicyOptions out;
    for (std::size_t side = 0; side < 2; ++side) {
        out.floor[side] = config.direction[side].floor.zone;
        out.ceiling[side] = config.direction[side].ceiling;
    }
    return out;
}

}  // namespace

LawLoop::LawLoop(const AutorateConfig& config)
    : controller_(config), policy_(options(config), SteadyTime{}) {
    for (const Direction direction : kDirections) {
        policy_.hold({}, direction, config.direction[index(direction)].ceiling);
    }
}

std::optional<sim::RatePair> LawLoop::operator()(std::optional<Nanos> rtt, SteadyTime now) {
    autorate::SlotInput input{
        slot_++, std::nullopt, {held(Direction::download), held(Direction::upload)}};
    if (rtt) {
        input.rtt = Millis(*rtt);
    }
    decision_ = controller_.step(input);
    highest_baseline_ = std::max(highest_baseline_, decision_.baseline);
    for (const Direction direction : kDirections) {
        const autorate::DirectionDecision& side = decision_.direction[index(direction)];
        policy_.want(now, direction, side.rate, side.zone);
        red_slots_ += side.zone == Zone::red ? 1 : 0;
    }
    write(now);
    return sim::RatePair{*held(Direction::download), *held(Direction::upload)};
}

void LawLoop::write(SteadyTime now) {
    while (const auto write = policy_.next(now)) {
        const bool increase = write->kind == actuate::WriteKind::increase;
        const Zone zone = decision_.direction[index(write->direction)].zone;
        raised_while_congested_ += increase && zone != Zone::green ? 1 : 0;
        policy_.sent(now, *write);
        policy_.ended(now, write->rate);
        ++writes_;
        increases_ += increase ? 1 : 0;
    }
}

}  // namespace wanctl
