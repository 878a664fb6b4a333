// A configuration file of autorate that is right.
#pragma once

#include <string_view>

namespace wanctl::fuzz {

inline constexpr std::string_view kGoodConfig = R"(wan = "cable"
router = { url = "https://192.168.88.1", user = "wanctl", password_env = "PW" }
queues = { download = "down", upload = "up" }
probe.reflectors = ["1.1.1.1", "8.8.8.8", "9.9.9.9"]
baseline.initial_ms = 25.0
download.ceiling_mbps = 940.0
download.floor_mbps = 200.0
download.step_up_mbps = 10.0
download.factor_down = 0.85
upload.ceiling_mbps = 38.0
upload.floor_mbps = 8.0
upload.step_up_mbps = 1.0
upload.factor_down = 0.90
)";

}  // namespace wanctl::fuzz
