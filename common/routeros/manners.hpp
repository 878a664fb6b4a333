// How both daemons behave towards a router that is away, slow or was restarted.
#pragma once

#include "common/units.hpp"

namespace wanctl::routeros {

// Waits between attempts: they double from the first to the cap.
inline constexpr Nanos kFirstRetry = std::chrono::milliseconds(100);
inline constexpr Nanos kRetryCap = std::chrono::seconds(2);

// No answer for this long is a state of its own; the request is waited for all the same.
inline constexpr Nanos kLate = std::chrono::seconds(2);

// An id read so recently may be written to over a new connection as well: no restart that makes
// other ids is over sooner.
inline constexpr Nanos kIdFresh = std::chrono::seconds(1);

}  // namespace wanctl::routeros
