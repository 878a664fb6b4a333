// A small seeded generator whose numbers are the same on every platform (SplitMix64).
#pragma once

#include <cstdint>

namespace wanctl::sim {

class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    // Uniform in [0, 1).
    [[nodiscard]] double uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

    [[nodiscard]] std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15ULL;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        return z ^ (z >> 31);
    }

  private:
    std::uint64_t state_;
};

}  // namespace wanctl::sim
