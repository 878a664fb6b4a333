// How long the router works on one request: a seeded lognormal distribution, or a fixed time.
#pragma once

#include <cstdint>
#include <random>
#include <string_view>

#include "common/units.hpp"

namespace wanctl::sim {

struct ServiceTimeOptions {
    Nanos median = std::chrono::milliseconds(12);  // 0 = no service time at all
    Nanos p99 = std::chrono::milliseconds(60);     // at least the median
    std::uint64_t seed = 1;
};

// One sequence per user: the same seed and user give the same times, whatever other users do.
class ServiceTime {
  public:
    ServiceTime(const ServiceTimeOptions& options, std::string_view user);

    [[nodiscard]] Nanos next();

  private:
    bool none_;
    std::mt19937_64 engine_;
    std::lognormal_distribution<double> seconds_;
};

}  // namespace wanctl::sim
