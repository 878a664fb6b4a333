#include "common/record/steering_fields.hpp"

#include <array>
#include <type_traits>

#include "common/record/field_part.hpp"
#include "common/record/steering_counters.hpp"
#include "common/record/steering_names.hpp"

namespace wanctl {
namespace {

static_assert(sizeof(SteeringRecord) == kRecordBytes);
static_assert(std::is_trivially_copyable_v<SteeringRecord>);
static_assert(std::is_standard_layout_v<SteeringRecord>);
// No padding: two equal records have equal bytes, so none of them is left to chance.
static_assert(std::has_unique_object_representations_v<SteeringRecord>);

constexpr FieldRole kNumber = FieldRole::number;
constexpr FieldRole kEnum = FieldRole::enumeration;
constexpr FieldRole kBits = FieldRole::bits;
constexpr FieldRole kPerIndex = FieldRole::per_index;
constexpr FieldRole kReserved = FieldRole::reserved;

#define WANCTL_AT(member, ...) WANCTL_PART("", #member, SteeringRecord, 0, member, __VA_ARGS__)

// An enumeration without a word for "not known yet".
#define WANCTL_WORD(p, base, member, help, table) \
    WANCTL_PART(p, #member, WanRecord, base, member, "", help, kEnum, &names::table, kUnknownWord)

#define WANCTL_US(p, Part, base, member, help) \
    WANCTL_PART(p, #member, Part, base, member, "us", help, kNumber, nullptr, kUnknownUs)

#define WANCTL_PACKETS(p, Part, base, member, help) \
    WANCTL_PART(p, #member, Part, base, member, "packets", help, kNumber, nullptr, kUnknownCount)

#define WANCTL_WAN(p, base, word)                                                                  \
    WANCTL_PART(p, "seen", WanRecord, base, seen, "", word ": records of its ring dealt with"),    \
        WANCTL_PART(p, "missed", WanRecord, base, missed, "",                                      \
                    word ": of these, overwritten unread"),                                        \
        WANCTL_PART(p, "age_ns", WanRecord, base, age_ns, "ns", word ": age of its newest record", \
                    kNumber, nullptr, kUnknownNs),                                                 \
        WANCTL_PART(p, "queue_age_ns", WanRecord, base, queue_age_ns, "ns",                        \
                    word ": age of its queue reading", kNumber, nullptr, kUnknownNs),              \
        WANCTL_US(p, WanRecord, base, delta_us, word ": RTT above the baseline"),                  \
        WANCTL_US(p, WanRecord, base, delta_ewma_us, word ": the same, averaged"),                 \
        WANCTL_PACKETS(p, WanRecord, base, drops,                                                  \
                       word ": dropped between the last two readings, worse direction"),           \
        WANCTL_PACKETS(p, WanRecord, base, queue_packets, word ": waiting, worse direction"),      \
        WANCTL_WORD(p, base, dl_zone, word ": download zone", kZone),                              \
        WANCTL_WORD(p, base, ul_zone, word ": upload zone", kZone),                                \
        WANCTL_PART(p, "source", WanRecord, base, source, "", word ": what its ring is to us",     \
                    kEnum, &names::kSource),                                                       \
        WANCTL_PART(p, "usable", WanRecord, base, usable, "", word ": may it be used", kEnum,      \
                    &names::kUsable),                                                              \
        WANCTL_PART(p, "restarts", WanRecord, base, restarts, "",                                  \
                    word ": restarts of its writer since start")

constexpr std::size_t kPrimary = offsetof(SteeringRecord, wan);
constexpr std::size_t kAlternate = kPrimary + sizeof(WanRecord);

constexpr auto kFields = std::to_array<FieldInfo>({
    WANCTL_AT(mono_ns, "ns", "CLOCK_MONOTONIC of the decision"),
    WANCTL_AT(real_ns, "ns", "CLOCK_REALTIME at the same moment"),
    WANCTL_AT(slot, "", "number of the decision since start"),
    WANCTL_AT(missed_slots, "", "timer ticks skipped since start"),
    WANCTL_AT(interval_ns, "ns", "longest time between decisions"),
    WANCTL_AT(lateness_ns, "ns", "decided this long after its record was published"),
    WANCTL_AT(flags, "", "what else is special about this decision", kBits, &names::kSteeringFlag),
    WANCTL_AT(policy, "", "how it was decided", kEnum, &names::kPolicy),
    WANCTL_AT(assessment, "", "three-state view of the primary", kEnum, &names::kAssessment),
    WANCTL_AT(state, "", "after this decision", kEnum, &names::kSteeringState),
    WANCTL_AT(action, "", "decided now", kEnum, &names::kAction),
    WANCTL_WAN("pri_", kPrimary, "primary"),
    WANCTL_WAN("alt_", kAlternate, "alternate"),
    WANCTL_AT(held_ns, "ns", "how long the reason's cause has lasted"),
    WANCTL_AT(limit_ns, "ns", "how long it has to, 0 without a limit"),
    WANCTL_AT(score, "", "confidence, 0 to 100", kNumber, nullptr, kUnknownScore),
    WANCTL_AT(steer_threshold, "", "score that begins, with the flap penalty"),
    WANCTL_AT(recover_threshold, "", "score that ends"),
    WANCTL_AT(contributors, "", "what makes the score", kBits, &names::kContributor),
    WANCTL_AT(points, "", "points of each contributor", kPerIndex, &names::kContributor),
    WANCTL_AT(reason, "", "why this was decided", kEnum, &names::kWhy),
    WANCTL_AT(congestion, "", "in which direction", kEnum, &names::kCongestion),
    WANCTL_AT(rule_wanted, "", "the rule as wanted", kEnum, &names::kRule),
    WANCTL_AT(rule_read, "", "the rule as the router last told", kEnum, &names::kRule),
    WANCTL_AT(timer_left_us, "us", "until each timer fires", kPerIndex, &names::kTimer, kNoTimer),
    WANCTL_AT(timer_length_us, "us", "length of each timer", kPerIndex, &names::kTimer, kNoTimer),
    WANCTL_AT(rule_age_ns, "ns", "since the router last told of the rule", kNumber, nullptr,
              kUnknownNs),
    WANCTL_AT(state_since_ns, "ns", "CLOCK_MONOTONIC from which the state holds", kNumber, nullptr,
              kUnknownNs),
    WANCTL_AT(last_at_ns, "ns", "CLOCK_MONOTONIC of the last action", kNumber, nullptr, kUnknownNs),
    WANCTL_AT(last_score, "", "its score", kNumber, nullptr, kUnknownScore),
    WANCTL_AT(last_delta_us, "us", "its RTT delta", kNumber, nullptr, kUnknownUs),
    WANCTL_AT(last_latency_us, "us", "how long its request took"),
    WANCTL_AT(last_send_us, "us", "from its cause's record to its request in the kernel"),
    WANCTL_AT(toggles, "", "within the flap window"),
    WANCTL_AT(last_http_status, "", "of its reply, 0 without one"),
    WANCTL_AT(last_action, "", "the last action", kEnum, &names::kAction),
    WANCTL_AT(last_reason, "", "why", kEnum, &names::kWhy),
    WANCTL_AT(last_outcome, "", "what came of it", kEnum, &names::kWrite),
    WANCTL_AT(router_state, "", "how the router answers", kEnum, &names::kRouter),
    WANCTL_AT(rule_status, "", "is the rule found", kEnum, &names::kRuleStatus),
    WANCTL_AT(reserved, "", "zero", kReserved),
});

#undef WANCTL_WAN
#undef WANCTL_PACKETS
#undef WANCTL_US
#undef WANCTL_WORD
#undef WANCTL_AT

static_assert(covers(kFields, sizeof(SteeringRecord)),
              "a byte of the record is untold or told twice");

constexpr std::uint64_t kHash = layout_hash(kFields);

}  // namespace

std::span<const FieldInfo> steering_fields() {
    return kFields;
}

RecordAbi steering_abi() {
    RecordAbi abi;
    abi.kind = RecordKind::steering;
    abi.layout_hash = kHash;
    abi.fields = kFields;
    abi.counters = steering_counters();
    abi.description = self_description(abi, Detail::full);
    return abi;
}

}  // namespace wanctl
