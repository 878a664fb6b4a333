// Recorded outcomes of the reference's steering, read from tests/golden/series/*.csv.
#pragma once

#include <string>
#include <vector>

#include "common/config/steering_config.hpp"

namespace wanctl::golden {

struct SteeringRow {
    std::string zone;  // given to the score; empty in the three-state series
    double delta_ms = 0;
    int drops = 0;
    int queue = 0;
    double ewma_ms = 0;  // three-state only
    std::string assess;  // three-state only
    std::string state;   // three-state only
    int score = 0;       // confidence only
    std::string action;  // "ENABLE", "DISABLE" or "-"
};

struct SteeringSeries {
    SteeringConfig config;
    std::vector<SteeringRow> rows;
};

// Throw std::runtime_error on a file that is not such a series.
SteeringSeries load_three_state(const std::string& name);
SteeringSeries load_confidence(const std::string& name);

}  // namespace wanctl::golden
