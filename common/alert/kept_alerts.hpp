// What a daemon's alerts leave to the next one: a member of its state file.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/alert/engine.hpp"
#include "common/clock.hpp"
#include "common/state/state_keeper.hpp"

namespace wanctl::alert {

// A JSON array, in `text` with moments by the wall clock: they mean something in another boot too.
[[nodiscard]] StateKeeper::State kept_text(std::span<const KeptAlert> kept, const Clock& clock);

// Out of the text of a whole state file, with moments that lie in the past, whatever the wall clock
// did. Nothing where it has none; what this program does not know is left out.
[[nodiscard]] std::vector<KeptAlert> kept_alerts(std::string_view state, const Clock& clock);

}  // namespace wanctl::alert
