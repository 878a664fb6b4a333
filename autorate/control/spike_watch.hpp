// Acceleration: notices that the load value rises faster than accel_ms within 50 ms, and confirms
// it when every round trip since then has stayed that much above where the load stood before.
//
// A lone late reply is never confirmed, however late. A confirmed spike is told once; the next one
// needs a new rise.
#pragma once

#include <array>

#include "autorate/control/law_time.hpp"
#include "common/units.hpp"

namespace wanctl::autorate {

class SpikeWatch {
  public:
    // `confirm` counts the first sample as one interval; 0: off.
    SpikeWatch(Millis rise, Nanos confirm, std::chrono::duration<double> load_time_constant,
               Nanos interval);

    // Takes one sample that stands for `elapsed`, and the load value it made. True when it confirms
    // a spike.
    bool observe(Millis rtt, Millis load, Nanos elapsed);

    // For how long the spike in question has lasted; 0 without one.
    [[nodiscard]] Nanos lasted() const { return lasted_; }

  private:
    // As many as an interval of 5 ms needs to look back 50 ms.
    static constexpr std::size_t kKept = 10;
    struct Point {
        Nanos at{};
        Millis load{};
    };

    [[nodiscard]] const Point& cycle_ago() const;
    [[nodiscard]] Millis rise_per_cycle(const Point& from, Millis load) const;
    void keep(Millis load);

    Millis rise_;
    Nanos confirm_;
    std::chrono::duration<double> load_time_constant_;
    Nanos interval_;
    Nanos now_{};
    std::array<Point, kKept> points_{};  // newest at newest_
    std::size_t count_ = 0;
    std::size_t newest_ = 0;
    Nanos lasted_{};
    Millis level_{};  // what the spike must stay above
};

}  // namespace wanctl::autorate
