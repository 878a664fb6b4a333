#include "common/record/steering_checks.hpp"

#include <cstddef>

#include <fmt/format.h>

#include "common/record/cycle_checks.hpp"

namespace wanctl {
namespace {

constexpr std::int32_t kHighestScore = 100;

// Every one of these is a count or an age: nothing but "unknown" may be below zero.
std::string wrong_wan(const WanRecord& wan, std::string_view prefix) {
    const auto negative = [](std::int64_t value, std::int64_t unknown) {
        return value < 0 && value != unknown;
    };
    if (negative(wan.age_ns, kUnknownNs)) return fmt::format("{}age_ns = {}", prefix, wan.age_ns);
    if (negative(wan.queue_age_ns, kUnknownNs)) {
        return fmt::format("{}queue_age_ns = {}", prefix, wan.queue_age_ns);
    }
    if (negative(wan.drops, kUnknownCount)) return fmt::format("{}drops = {}", prefix, wan.drops);
    if (negative(wan.queue_packets, kUnknownCount)) {
        return fmt::format("{}queue_packets = {}", prefix, wan.queue_packets);
    }
    if (wan.missed > wan.seen) return fmt::format("{}missed = {}", prefix, wan.missed);
    return {};
}

std::string wrong_score(const SteeringRecord& record) {
    if (record.score < kUnknownScore || record.score > kHighestScore) {
        return fmt::format("score = {}", record.score);
    }
    if (record.last_score < kUnknownScore || record.last_score > kHighestScore) {
        return fmt::format("last_score = {}", record.last_score);
    }
    return {};
}

}  // namespace

std::string first_fault(const SteeringRecord& record, SteadyTime now,
                        std::span<const FieldInfo> fields) {
    const Nanos mono(record.mono_ns);
    if (mono < Nanos(0) || mono > now.time_since_epoch() + kClockSlack) {
        return fmt::format("mono_ns = {} lies in the future", record.mono_ns);
    }
    if (record.interval_ns == 0) return "interval_ns = 0";
    const auto* bytes = reinterpret_cast<const std::byte*>(&record);
    if (std::string fault = wrong_word(fields, bytes); !fault.empty()) return fault;
    if (std::string fault = wrong_wan(record.wan[0], "pri_"); !fault.empty()) return fault;
    if (std::string fault = wrong_wan(record.wan[1], "alt_"); !fault.empty()) return fault;
    return wrong_score(record);
}

}  // namespace wanctl
