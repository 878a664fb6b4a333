// The sentence that tells why a zone changed, from the numbers the record carries.
#pragma once

#include <string>

#include "common/record/states.hpp"
#include "common/units.hpp"

namespace wanctl {

// "RTT delta 50.3ms exceeded hard_red threshold 45ms". The delta has one decimal, or as many as
// keep the sentence true as printed; the threshold is in its shortest form of six digits unless
// that too would make the sentence false. Empty for TransitionReason::none.
[[nodiscard]] std::string transition_text(TransitionReason reason, Nanos delta, Nanos threshold);

}  // namespace wanctl
