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

enum class RecordKind : std::uint32_t {
    any = 0,  // in no segment: what a reader asks for that decodes by the self-description
    cycle = 1,
    steering = 2,
};

// Every record fills one ring slot behind the slot's sequence number.
inline constexpr std::size_t kRecordBytes = 504;
// The slow facts of a segment (what changes with its configuration, not with its records) fill one
// of two copies in its header.
inline constexpr std::size_t kFactsBytes = 1272;

struct RecordAbi {
    RecordKind kind = RecordKind::cycle;
    std::uint16_t major = kAbiMajor;
    std::uint16_t minor = kAbiMinor;
    std::uint32_t version = 1;  // of this kind of record; FieldInfo::since counts in it
    std::uint64_t layout_hash = 0;
    std::span<const FieldInfo> fields;
    std::span<const CounterInfo> counters;
    std::span<const FieldInfo> facts;  // places in the slow facts; empty = there are none
    std::string description;           // self_description() of the above
};

[[nodiscard]] std::string_view name(RecordKind kind);

// Attaches to records of every kind and build of this major version.
[[nodiscard]] RecordAbi any_abi();

enum class Detail : std::uint8_t {
    layout,  // fields, counters and words
    full,    // and the help texts and the slow facts
};

// The text at the head of a segment that lets a stranger (or an older tool) decode records, one
// line each:
//   wanctl <kind> <record version>
//   <field> <type>[*<count>] <offset in record> <unit> [?<value meaning unknown, or min = the
//   type's least>] [+<record version that brought it, when not the first>][; <help>]
//   #<counter> [<unit>][; <help>]     in the order of the counter block
//   @<field> ...                      as the first form: its offset is in the slow facts
//   =<table> <word> <word> ...        words of an enumeration, a bit set or an array index
// A type is u8, u16, u32, u64, i32, i64, or text<bytes> for NUL-padded UTF-8. A unit is a word such
// as `ns`, `-` for a bare count, `=table` for an enumeration, `&table` for bits, `ns@table` for an
// array whose index has names, `reserved` for bytes without meaning. Lines that begin otherwise are
// of a later version: skip them.
[[nodiscard]] std::string self_description(const RecordAbi& abi, Detail detail);

}  // namespace wanctl
