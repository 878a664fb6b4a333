// A row of recorded signals, as text for the decider.
#pragma once

#include <optional>

#include <rapidjson/document.h>

#include "common/error.hpp"
#include "common/units.hpp"
#include "steering/decide/line_reading.hpp"

namespace wanctl::steering {

struct ReplayRow {
    double t = 0;
    SteadyTime at{};
    LineReading primary;  // without its interval
    SourceState alternate_source = SourceState::absent;
    std::optional<LineReading> alternate;  // likewise
};

// `needs_zone`: the congestion state must be there.
[[nodiscard]] Result<ReplayRow> replay_row(const rapidjson::Value& row, bool needs_zone);

}  // namespace wanctl::steering
