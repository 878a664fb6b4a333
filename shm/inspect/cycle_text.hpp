// What the tool says of a cycle record in sentences, beside the list of its fields.
#pragma once

#include <string>

#include "common/record/cycle_record.hpp"

namespace wanctl::inspect {

// For a line of `dump`.
[[nodiscard]] std::string cycle_line(const CycleRecord& record);
// For `show`: latency, both directions with the reason of their last change, the router.
[[nodiscard]] std::string cycle_headline(const CycleRecord& record);

}  // namespace wanctl::inspect
