// What the actuator has to say beside the state of the connection that writes.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace wanctl::actuate {

struct Notice {
    std::string_view about;  // "statistics", "queue", "limit" or "router cpu"
    bool good = false;       // a return to health
    std::string message;
};

// Called once per change, with a message fit for the log.
using TellNotice = std::function<void(const Notice& notice)>;

}  // namespace wanctl::actuate
