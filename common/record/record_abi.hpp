// What a record's owner tells a segment about the record, so that shm/ needs to know no field of
// it.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "common/record/fields.hpp"

namespace wanctl {

// The version of segment layout plus records. Appending in reserved space raises the minor number;
// anything else the major.
inline constexpr std::uint16_t kAbiMajor = 1;
inline constexpr std::uint16_t kAbiMinor = 0;

enum class RecordKind : std::uint32_t { cycle = 1, steering = 2 };

// Every record fills one ring slot behind the slot's sequence number.
inline constexpr std::size_t kRecordBytes = 504;

struct RecordAbi {
    RecordKind kind = RecordKind::cycle;
    std::uint16_t major = kAbiMajor;
    std::uint16_t minor = kAbiMinor;
    std::uint32_t version = 1;  // of this kind of record; FieldInfo::since counts in it
    std::uint64_t layout_hash = 0;
    std::span<const FieldInfo> fields;
    std::span<const CounterInfo> counters;
    std::string description;  // self_description() of the above
};

[[nodiscard]] std::string_view name(RecordKind kind);

// The text at the head of a segment that lets a stranger (or an older tool) decode records, one
// line each:
//   wanctl <kind> <record version>
//   <field> <type>[*<count>] <offset in record> <unit> [?<value meaning unknown, or min = the
//   type's least>]
//   #<counter> [<unit>]               in the order of the counter block
//   =<table> <word> <word> ...        words of an enumeration, a bit set or an array index
// A unit is a word such as `ns`, `-` for a bare count, `=table` for an enumeration, `&table` for
// bits, `ns@table` for an array whose index has names, `reserved` for bytes without meaning.
[[nodiscard]] std::string self_description(const RecordAbi& abi);

}  // namespace wanctl
