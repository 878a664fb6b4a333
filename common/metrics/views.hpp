// What the pages of the HTTP interface look at. The daemon that owns it all keeps it alive.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/alert/alert_figures.hpp"
#include "common/metrics/cycle_tap.hpp"
#include "common/metrics/steering_tap.hpp"

namespace wanctl::metrics {

// The process.
struct ProcessView {
    SteadyTime started{};
    SteadyTime now{};
    WallTime wall{};
};

// Value of the counter of that index, as the segment's counter block has it.
using CounterValue = std::function<std::uint64_t(std::size_t)>;

struct WanView {
    std::string wan;
    const std::vector<std::string>* reflectors = nullptr;  // as configured now
    const CycleTap* tap = nullptr;
    CounterValue counter;
    const alert::AlertFigures* alerts = nullptr;
};

struct SteeringView {
    std::string primary;
    std::string alternate;
    const SteeringTap* tap = nullptr;
    CounterValue counter;
    const alert::AlertFigures* alerts = nullptr;
};

}  // namespace wanctl::metrics
