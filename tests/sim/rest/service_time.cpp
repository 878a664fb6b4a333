#include "tests/sim/rest/service_time.hpp"

#include <algorithm>
#include <cmath>

namespace wanctl::sim {
namespace {

// The standard normal distribution's 99th percentile.
constexpr double kZ99 = 2.326347874;
constexpr double kNoMedianS = 1e-9;

double sigma(const ServiceTimeOptions& options) {
    if (options.median <= Nanos(0) || options.p99 <= options.median) return 0.0;
    return std::log(to_seconds(options.p99) / to_seconds(options.median)) / kZ99;
}

// FNV-1a: the same on every machine, unlike std::hash.
std::uint64_t hash(std::string_view text) {
    std::uint64_t value = 14695981039346656037ULL;
    for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return value;
}

}  // namespace

ServiceTime::ServiceTime(const ServiceTimeOptions& options, std::string_view user)
    : none_(options.median <= Nanos(0)),
      engine_(options.seed ^ hash(user)),
      seconds_(std::log(std::max(to_seconds(options.median), kNoMedianS)), sigma(options)) {}

Nanos ServiceTime::next() {
    return none_ ? Nanos(0) : from_ms(seconds_(engine_) * 1e3);
}

}  // namespace wanctl::sim
