// One coding of zones everywhere: 0 GREEN, 1 YELLOW, 2 SOFT_RED, 3 RED, as the record has it.
#pragma once

#include <optional>

#include "common/record/states.hpp"
#include "common/record/steering_states.hpp"

namespace wanctl::metrics {

[[nodiscard]] constexpr std::optional<int> zone_code(Assessment assessment) {
    switch (assessment) {
        case Assessment::green:
            return static_cast<int>(Zone::green);
        case Assessment::yellow:
            return static_cast<int>(Zone::yellow);
        case Assessment::soft_red:
            return static_cast<int>(Zone::soft_red);
        case Assessment::red:
            return static_cast<int>(Zone::red);
        case Assessment::unknown:
            break;
    }
    return std::nullopt;
}

}  // namespace wanctl::metrics
