// The kinds of records this program was compiled with: their tables, their checks, and the words
// that say more than a list of fields. A new kind is a row in known_kinds.cpp; without one its
// records are still shown, by their self-description.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "common/record/record_abi.hpp"
#include "common/units.hpp"

namespace wanctl::inspect {

struct KnownKind {
    RecordKind kind;
    RecordAbi (*abi)();
    // The first thing wrong with a record; empty when it is believable. `fields` are this
    // program's, or those of a newer minor version.
    std::string (*fault)(const std::byte* record, SteadyTime now,
                         std::span<const FieldInfo> fields);
    // What a line of `dump` says behind time and number; nullptr = a list of fields.
    std::string (*line)(const std::byte* record);
    // What `show` says above the fields, each line ended; nullptr = nothing.
    std::string (*headline)(const std::byte* record);
};

[[nodiscard]] std::span<const KnownKind> known_kinds();
// nullptr when there is none of that number.
[[nodiscard]] const KnownKind* known_kind(RecordKind kind);

}  // namespace wanctl::inspect
