#include "common/record/cycle_checks.hpp"

#include <cstddef>

#include <fmt/format.h>

namespace wanctl {
namespace {

constexpr std::int64_t kLongestDelayNs = 3'600'000'000'000;  // an hour: beyond any RTT or threshold

std::string wrong_rate(const DirectionRecord& record, std::size_t direction) {
    const auto believable = [](std::int64_t bps, std::int64_t least) {
        return bps >= least && bps <= kBelievableBps;
    };
    const std::string_view prefix = direction == 0 ? "dl_" : "ul_";
    if (!believable(record.wanted_bps, 0)) {
        return fmt::format("{}wanted_bps = {}", prefix, record.wanted_bps);
    }
    if (!believable(record.held_bps, kUnknownRate)) {
        return fmt::format("{}held_bps = {}", prefix, record.held_bps);
    }
    if (!believable(record.achieved_bps, kUnknownRate)) {
        return fmt::format("{}achieved_bps = {}", prefix, record.achieved_bps);
    }
    if (record.delay_us < 0 && record.delay_us != kUnknownUs) {
        return fmt::format("{}delay_us = {}", prefix, record.delay_us);
    }
    return {};
}

std::string wrong_reflector(const CycleRecord& record) {
    if (record.reflectors > kMaxReflectors) {
        return fmt::format("reflectors = {}, at most {}", record.reflectors, kMaxReflectors);
    }
    const auto known = static_cast<std::uint32_t>((1U << record.reflectors) - 1U);
    if ((record.reflector_active & ~known) != 0 || (record.reflector_lying & ~known) != 0 ||
        (record.reflector_answered & ~known) != 0) {
        return fmt::format("reflector bits beyond the {} configured", record.reflectors);
    }
    for (const std::int32_t rtt : {record.tcp_rtt_us, record.gateway_rtt_us}) {
        if (rtt < 0 && rtt != kUnknownUs) return fmt::format("a fallback RTT of {} us", rtt);
    }
    for (int i = 0; i < kMaxReflectors; ++i) {
        const std::int32_t rtt = record.reflector_rtt_us[i];
        if (rtt < 0 && rtt != kUnknownUs) return fmt::format("reflector_rtt_us[{}] = {}", i, rtt);
    }
    return {};
}

std::string wrong_router(const CycleRecord& record) {
    constexpr std::uint8_t kWhole = 100;
    if (record.router_cpu_percent > kWhole && record.router_cpu_percent != kUnknownPercent) {
        return fmt::format("router_cpu_percent = {}", record.router_cpu_percent);
    }
    return {};
}

std::string wrong_time(const CycleRecord& record, SteadyTime now) {
    const Nanos mono(record.mono_ns);
    if (mono < Nanos(0) || mono > now.time_since_epoch() + kClockSlack) {
        return fmt::format("mono_ns = {} lies in the future", record.mono_ns);
    }
    if (record.interval_ns == 0) return "interval_ns = 0";
    if (record.fresh > 1) return fmt::format("fresh = {}", record.fresh);
    if (record.rtt_us < 0 && record.rtt_us != kUnknownUs) {
        return fmt::format("rtt_us = {}", record.rtt_us);
    }
    if (record.sample_age_ns < 0 && record.sample_age_ns != kUnknownNs) {
        return fmt::format("sample_age_ns = {}", record.sample_age_ns);
    }
    for (const std::int64_t value : {record.load_ns, record.baseline_ns, record.delta_ns}) {
        if (value < -kLongestDelayNs || value > kLongestDelayNs) {
            return fmt::format("an RTT average of {} ns", value);
        }
    }
    return {};
}

}  // namespace

std::string first_fault(const CycleRecord& record, SteadyTime now,
                        std::span<const FieldInfo> fields) {
    if (std::string fault = wrong_time(record, now); !fault.empty()) return fault;
    const auto* bytes = reinterpret_cast<const std::byte*>(&record);
    if (std::string fault = wrong_word(fields, bytes); !fault.empty()) return fault;
    if (std::string fault = wrong_reflector(record); !fault.empty()) return fault;
    if (std::string fault = wrong_router(record); !fault.empty()) return fault;
    for (std::size_t i = 0; i < 2; ++i) {
        if (std::string fault = wrong_rate(record.direction[i], i); !fault.empty()) return fault;
    }
    return {};
}

}  // namespace wanctl
