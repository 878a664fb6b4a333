// Which reflectors the system refuses to send to, told once per change of state. Pure.
#pragma once

#include <array>
#include <cstdint>

#include "common/record/cycle_record.hpp"
#include "common/units.hpp"

namespace wanctl::probe {

class SendTroubles {
  public:
    // True when it is news: the trouble begins, or has another cause for longer than it takes two
    // causes that alternate to fill a log.
    [[nodiscard]] bool refused(std::uint8_t reflector, int error, SteadyTime now);
    // The system took an echo. True when that ends a trouble: none was refused for a second.
    [[nodiscard]] bool taken(std::uint8_t reflector, SteadyTime now);

  private:
    struct Trouble {
        int error = 0;  // errno; 0: none
        SteadyTime last;
        SteadyTime told;
    };
    std::array<Trouble, kMaxReflectors> of_{};
};

}  // namespace wanctl::probe
