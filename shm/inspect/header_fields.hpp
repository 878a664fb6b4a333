// The part of a segment that is the same for every kind of record, as rows for `layout` and the
// documentation of the ABI.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "common/record/fields.hpp"

namespace wanctl::inspect {

// `unit` says when the field is written: "const" (before the magic), "release", "relaxed", "latch".
[[nodiscard]] std::span<const FieldInfo> header_fields();

}  // namespace wanctl::inspect
