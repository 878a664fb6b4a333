// Percentiles of single operations, timed one by one: what Google Benchmark's mean does not tell.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "common/clock.hpp"

namespace wanctl::perf {

struct Percentiles {
    Nanos p50;
    Nanos p99;
    Nanos p999;
};

// Sorts `samples`, of which there must be one.
inline Percentiles percentiles(std::vector<Nanos>& samples) {
    std::ranges::sort(samples);
    const auto rank = [&](std::size_t thousandths) {
        return samples[std::min(samples.size() - 1, samples.size() * thousandths / 1000)];
    };
    return {rank(500), rank(990), rank(999)};
}

// How long each of many calls of `operation` takes, the cost of one look at the clock included.
template <typename Operation>
std::vector<Nanos> timed(const Clock& clock, Operation operation) {
    constexpr int kSamples = 200'000;
    constexpr int kWarmUp = 5'000;
    std::vector<Nanos> samples;
    samples.reserve(kSamples);
    for (int i = -kWarmUp; i < kSamples; ++i) {
        const SteadyTime before = clock.steady();
        operation();
        const Nanos took = clock.steady() - before;
        if (i >= 0) samples.push_back(took);
    }
    return samples;
}

// The median cost of looking at the clock, which every sample holds once.
inline Nanos clock_cost(const Clock& clock) {
    std::vector<Nanos> samples = timed(clock, [] {});
    return percentiles(samples).p50;
}

// Prints one line; with a target (not zero) whether p99 is below it.
inline void report(const char* what, std::vector<Nanos> samples, Nanos clock, Nanos target) {
    for (Nanos& sample : samples) sample = std::max(sample - clock, Nanos(0));
    const Percentiles found = percentiles(samples);
    const bool has_target = target != Nanos(0);
    const bool met = !has_target || found.p99 < target;
    fmt::print("{:<42} p50 {:>6} ns  p99 {:>6} ns  p99.9 {:>6} ns{}\n", what, found.p50.count(),
               found.p99.count(), found.p999.count(),
               has_target
                   ? fmt::format("  target p99 < {} ns: {}", target.count(), met ? "met" : "MISSED")
                   : std::string());
}

}  // namespace wanctl::perf
