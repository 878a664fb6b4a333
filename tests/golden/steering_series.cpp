#include "tests/golden/steering_series.hpp"

#include <cmath>

#include "common/reference_cycle.hpp"
#include "tests/golden/series_file.hpp"

namespace wanctl::golden {

namespace {

Nanos seconds(double value) {
    return Nanos(std::llround(value * 1e9));
}

}  // namespace

SteeringSeries load_three_state(const std::string& name) {
    SeriesFile file(name);
    const Params p = file.params();
    SteeringSeries series;
    series.config.decide.policy = SteeringPolicy::three_state;
    ThreeStateConfig& config = series.config.three_state;
    config.green_rtt = Millis(p.at("green_rtt"));
    config.yellow_rtt = Millis(p.at("yellow_rtt"));
    config.red_rtt = Millis(p.at("red_rtt"));
    config.min_drops_red = static_cast<int>(p.at("min_drops_red"));
    config.min_queue_yellow = static_cast<int>(p.at("min_queue_yellow"));
    config.min_queue_red = static_cast<int>(p.at("min_queue_red"));
    config.red = static_cast<int>(p.at("red_samples_required")) * kReferenceCycle;
    config.green = static_cast<int>(p.at("green_samples_required")) * kReferenceCycle;
    config.rtt_ewma_alpha = Ratio{p.at("rtt_ewma_alpha")};
    while (const auto cell = file.next()) {
        SteeringRow row;
        row.delta_ms = std::stod(cell->at(0));
        row.drops = std::stoi(cell->at(1));
        row.queue = std::stoi(cell->at(2));
        row.ewma_ms = std::stod(cell->at(3));
        row.assess = cell->at(4);
        row.state = cell->at(5);
        row.action = cell->at(6);
        series.rows.push_back(row);
    }
    return series;
}

SteeringSeries load_confidence(const std::string& name) {
    SeriesFile file(name);
    const Params p = file.params();
    SteeringSeries series;
    series.config.decide.dry_run = p.at("dry_run") != 0;
    ConfidenceConfig& config = series.config.confidence;
    config.steer = static_cast<int>(p.at("steer_threshold"));
    config.recover = static_cast<int>(p.at("recovery_threshold"));
    config.sustain = seconds(p.at("sustain_duration_sec"));
    config.recovery_sustain = seconds(p.at("recovery_sustain_sec"));
    config.hold_down = seconds(p.at("hold_down_duration_sec"));
    while (const auto cell = file.next()) {
        SteeringRow row;
        row.zone = cell->at(0);
        row.delta_ms = std::stod(cell->at(1));
        row.drops = std::stoi(cell->at(2));
        row.queue = std::stoi(cell->at(3));
        row.score = std::stoi(cell->at(4));
        row.action = cell->at(5);
        series.rows.push_back(row);
    }
    return series;
}

}  // namespace wanctl::golden
