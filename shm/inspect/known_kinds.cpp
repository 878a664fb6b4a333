#include "shm/inspect/known_kinds.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "common/record/cycle_checks.hpp"
#include "common/record/cycle_fields.hpp"
#include "common/record/steering_checks.hpp"
#include "common/record/steering_fields.hpp"
#include "shm/inspect/cycle_text.hpp"
#include "shm/inspect/steering_text.hpp"

namespace wanctl::inspect {
namespace {

// A record of its own type from bytes of any alignment.
template <typename Record>
Record typed(const std::byte* bytes) {
    Record record;
    std::memcpy(&record, bytes, sizeof record);
    return record;
}

constexpr std::array kKinds{
    KnownKind{RecordKind::cycle, cycle_abi,
              [](const std::byte* record, SteadyTime now, std::span<const FieldInfo> fields) {
                  return first_fault(typed<CycleRecord>(record), now, fields);
              },
              [](const std::byte* record) { return cycle_line(typed<CycleRecord>(record)); },
              [](const std::byte* record) { return cycle_headline(typed<CycleRecord>(record)); }},
    KnownKind{
        RecordKind::steering, steering_abi,
        [](const std::byte* record, SteadyTime now, std::span<const FieldInfo> fields) {
            return first_fault(typed<SteeringRecord>(record), now, fields);
        },
        [](const std::byte* record) { return steering_line(typed<SteeringRecord>(record)); },
        [](const std::byte* record) { return steering_headline(typed<SteeringRecord>(record)); }},
};

}  // namespace

std::span<const KnownKind> known_kinds() {
    return kKinds;
}

const KnownKind* known_kind(RecordKind kind) {
    const auto found = std::ranges::find(kKinds, kind, &KnownKind::kind);
    return found == kKinds.end() ? nullptr : &*found;
}

}  // namespace wanctl::inspect
