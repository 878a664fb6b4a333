// What is worth a line in the log beside the record, told by the part that saw it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace wanctl {

struct Notice {
    std::string_view
        about;  // what kind of thing, such as "statistics", "queue", "router cpu" or "reflector"
    bool good = false;  // a return to health
    std::string message;
};

// Called once per change, with a message fit for the log.
using TellNotice = std::function<void(const Notice& notice)>;

}  // namespace wanctl
