// What the law carries from one slot to the next, as far as it outlives the process: the state file
// and the ring's record hold the same.
#pragma once

#include <array>

#include "common/record/states.hpp"
#include "common/units.hpp"

namespace wanctl::autorate {

struct LawMemory {
    Millis load{};
    Millis baseline{};
    std::array<Zone, 2> zone{};  // [Direction]
    std::array<Rate, 2> rate{};  // [Direction]

    bool operator==(const LawMemory&) const = default;
};

}  // namespace wanctl::autorate
