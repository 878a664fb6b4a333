// The generated part of deploy/docs/SHM-ABI.md: every table of the ABI.
#pragma once

#include <string>

#include "common/record/fields.hpp"

namespace wanctl::inspect {

[[nodiscard]] std::string layout_markdown();

// "u32", "i64*16", "text16*2".
[[nodiscard]] std::string type_text(const FieldInfo& field);

}  // namespace wanctl::inspect
