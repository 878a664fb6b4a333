// The sentence that tells why steering did what it did, from the numbers the record carries.
#pragma once

#include <string>

#include "common/record/steering_record.hpp"

namespace wanctl {

// "score 85 reached 55 for 2.0 s: RED, rtt_high, drops_rising, queue_high (delta 100.0 ms, 3 drops,
// 60 packets waiting; download only)". Names only what is known. Empty for SteeringReason::none,
// and for a number without a name.
[[nodiscard]] std::string steering_reason_text(const SteeringRecord& record);

}  // namespace wanctl
