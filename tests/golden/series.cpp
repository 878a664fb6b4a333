#include "tests/golden/series.hpp"

#include <stdexcept>

#include "tests/golden/series_file.hpp"

namespace wanctl::golden {

namespace {

Zone zone_of(const std::string& letter) {
    switch (letter.at(0)) {
        case 'G':
            return Zone::green;
        case 'Y':
            return Zone::yellow;
        case 'S':
            return Zone::soft_red;
        case 'R':
            return Zone::red;
        default:
            throw std::runtime_error("no zone " + letter);
    }
}

Rate mbit(double value) {
    return Rate{static_cast<std::int64_t>(value * 1e6)};
}

DirectionConfig direction_config(const Params& p, const std::string& side) {
    DirectionConfig config;
    config.ceiling = mbit(p.at(side + "_ceiling"));
    config.floor.zone.fill(mbit(p.at(side + "_floor_red")));
    if (side == "dl") {
        config.floor.zone = {mbit(p.at("dl_floor_green")), mbit(p.at("dl_floor_yellow")),
                             mbit(p.at("dl_floor_soft_red")), mbit(p.at("dl_floor_red"))};
    }
    config.step_up = mbit(p.at(side + "_step_up"));
    config.factor_down = Ratio{p.at(side + "_factor_down")};
    config.factor_down_yellow = Ratio{p.at(side + "_factor_down_yellow")};
    config.green_required = static_cast<int>(p.at(side + "_green_required"));
    return config;
}

AutorateConfig config_of(const Params& p) {
    using Seconds = std::chrono::duration<double>;
    AutorateConfig config;
    config.compat = Compat::v1_9;
    config.baseline = {Millis(p.at("baseline_rtt_initial")), Seconds(0.05 / p.at("alpha_baseline")),
                       Millis(p.at("baseline_update_threshold_ms")),
                       Millis(p.at("baseline_rtt_min")), Millis(p.at("baseline_rtt_max"))};
    config.load_time_constant = Seconds(0.05 / p.at("alpha_load"));
    config.thresholds.target = Millis(p.at("target_bloat_ms"));
    config.thresholds.warn = Millis(p.at("warn_bloat_ms"));
    config.thresholds.hard_red = Millis(p.at("hard_red_bloat_ms"));
    config.reference.soft_red_required = static_cast<int>(p.at("soft_red_required"));
    config.direction = {direction_config(p, "dl"), direction_config(p, "ul")};
    return config;
}

}  // namespace

Series load_series(const std::string& name) {
    SeriesFile file(name);
    Series series{config_of(file.params()), {}};
    while (const auto cell = file.next()) {
        series.rows.push_back({std::stod(cell->at(0)),
                               std::stod(cell->at(1)),
                               std::stod(cell->at(2)),
                               {zone_of(cell->at(3)), zone_of(cell->at(5))},
                               {std::stoll(cell->at(4)), std::stoll(cell->at(6))}});
    }
    return series;
}

std::vector<FieldRow> load_field_log() {
    SeriesFile file("field");
    std::vector<FieldRow> rows;
    while (const auto cell = file.next()) {
        rows.push_back({std::stoi(cell->at(0)),
                        std::stod(cell->at(1)),
                        std::stod(cell->at(2)),
                        std::stod(cell->at(3)),
                        {zone_of(cell->at(4)), zone_of(cell->at(6))},
                        {std::stoll(cell->at(5)), std::stoll(cell->at(7))}});
    }
    return rows;
}

}  // namespace wanctl::golden
