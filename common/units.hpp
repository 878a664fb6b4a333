// Units as types: rates in whole bit/s, dimensionless factors, and the project's time types.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>

namespace wanctl {

using Nanos = std::chrono::nanoseconds;
using Micros = std::chrono::microseconds;
// For display and configuration edges only; arithmetic stays in integer nanoseconds.
using Millis = std::chrono::duration<double, std::milli>;

// CLOCK_MONOTONIC: drives control. CLOCK_REALTIME: labels records, nothing else.
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, Nanos>;
using WallTime = std::chrono::time_point<std::chrono::system_clock, Nanos>;

// A data rate. Always whole bit/s; 0 is a value, "unlimited" is not expressed by it.
struct Rate {
    std::int64_t bps = 0;

    auto operator<=>(const Rate&) const = default;
    Rate& operator+=(Rate other) {
        bps += other.bps;
        return *this;
    }
    Rate& operator-=(Rate other) {
        bps -= other.bps;
        return *this;
    }
};

inline constexpr Rate operator+(Rate a, Rate b) {
    return Rate{a.bps + b.bps};
}
inline constexpr Rate operator-(Rate a, Rate b) {
    return Rate{a.bps - b.bps};
}

// Truncates toward zero, as the reference law does each cycle (reference behaviour, section 1.5).
inline constexpr Rate scaled(Rate rate, double factor) {
    return Rate{static_cast<std::int64_t>(static_cast<double>(rate.bps) * factor)};
}

// A dimensionless factor, share or weight.
struct Ratio {
    double value = 0.0;

    auto operator<=>(const Ratio&) const = default;
};

// `3_mbit`, `128_kbit`: the field's decimal prefixes.
inline constexpr Rate operator""_mbit(unsigned long long mbit) {
    return Rate{static_cast<std::int64_t>(mbit) * 1'000'000};
}
inline constexpr Rate operator""_kbit(unsigned long long kbit) {
    return Rate{static_cast<std::int64_t>(kbit) * 1'000};
}

inline constexpr double to_ms(Nanos duration) {
    return Millis(duration).count();
}
inline constexpr double to_seconds(Nanos duration) {
    return std::chrono::duration<double>(duration).count();
}

// Rounds to the nearest nanosecond (half away from zero): a configured or measured value in ms.
inline constexpr Nanos from_ms(double ms) {
    return Nanos(static_cast<std::int64_t>(ms * 1e6 + (ms < 0 ? -0.5 : 0.5)));
}

}  // namespace wanctl
