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

}  // namespace wanctl
