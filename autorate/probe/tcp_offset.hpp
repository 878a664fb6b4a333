// How much longer a TCP connect takes than an echo, target by target: the smallest difference of
// the last rounds in which both were measured. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "common/units.hpp"

namespace wanctl::probe {

inline constexpr std::size_t kMaxTcpTargets = 8;

class TcpOffset {
  public:
    static constexpr std::size_t kWindow = 10;  // rounds

    // Both of the same moment, while reflectors answer.
    void learn(std::size_t target, Nanos connect, Nanos echo);
    // What was learnt is of an address that is asked no more.
    void forget(std::size_t target) { lessons_.at(target) = {}; }
    // Nothing before the first lesson.
    [[nodiscard]] std::optional<Nanos> of(std::size_t target) const;

  private:
    struct Lessons {
        std::array<Nanos, kWindow> difference{};
        std::size_t count = 0;
    };
    std::array<Lessons, kMaxTcpTargets> lessons_{};
};

}  // namespace wanctl::probe
