#include "tests/unit/control/control_fixture.hpp"

namespace wanctl {

AutorateConfig cable_config(std::chrono::milliseconds interval) {
    AutorateConfig config;
    config.interval = interval;
    config.baseline = {Millis(25), std::chrono::duration<double>(50), Millis(3), Millis(6.25),
                       Millis(100)};
    config.load_time_constant = std::chrono::duration<double>(0.5);
    config.direction[0] = {
        940_mbit, {{550_mbit, 350_mbit, 275_mbit, 200_mbit}}, 10_mbit, Ratio{0.85}, Ratio{0.96}, 5};
    config.direction[1] = {
        38_mbit, {{8_mbit, 8_mbit, 8_mbit, 8_mbit}}, 1_mbit, Ratio{0.90}, Ratio{0.94}, 5};
    return config;
}

AutorateConfig home_config(std::chrono::milliseconds interval) {
    AutorateConfig config = cable_config(interval);
    config.baseline = {Millis(20), std::chrono::duration<double>(50), Millis(3), Millis(5),
                       Millis(80)};
    config.load_time_constant = std::chrono::duration<double>(0.1);
    config.direction[0] = {
        60_mbit, {{20_mbit, 14_mbit, 12_mbit, 10_mbit}}, 300_kbit, Ratio{0.90}, Ratio{0.98}, 5};
    config.direction[1] = {12_mbit,     {{2500_kbit, 2500_kbit, 2500_kbit, 2500_kbit}},
                           100_kbit,    Ratio{0.90},
                           Ratio{0.98}, 5};
    return config;
}

ReferenceConfig every_mend() {
    ReferenceConfig mends;
    mends.accel_confirm = std::chrono::milliseconds(150);
    mends.baseline_escape = std::chrono::seconds(300);
    mends.no_rise_while_congested = true;
    mends.first_green_by_step = true;
    mends.soft_red_decay = std::chrono::seconds(2);
    mends.dwell = std::chrono::milliseconds(150);
    mends.deadband = Millis(3);
    return mends;
}

}  // namespace wanctl
