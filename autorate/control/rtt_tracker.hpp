// The two averages of RTT: `load` follows at once, `baseline` learns the idle path slowly.
#pragma once

#include "autorate/control/law_time.hpp"
#include "autorate/control/path_watch.hpp"
#include "common/config/autorate_config.hpp"
#include "common/record/states.hpp"

namespace wanctl::autorate {

class RttTracker {
  public:
    // `escape`: a path that stays longer for this long gets a new baseline; 0: never.
    RttTracker(const BaselineConfig& baseline, std::chrono::duration<double> load_time_constant,
               Nanos escape = Nanos(0));

    // Takes one sample that stands for `elapsed`. Load first; the baseline moves only while the new
    // load is less than update_threshold above it, or when the path itself has changed, and never
    // out of its bounds.
    void update(Millis rtt, Cycles elapsed);

    // Another baseline is moved into its bounds.
    void restore(Millis load, Millis baseline);
    // What is known of the path stays unless it is watched in another way now.
    void reconfigure(const BaselineConfig& baseline,
                     std::chrono::duration<double> load_time_constant, Nanos escape);

    [[nodiscard]] Millis load() const { return load_; }
    [[nodiscard]] Millis baseline() const { return baseline_; }
    [[nodiscard]] Millis delta() const { return load_ - baseline_; }
    // What the last sample did to the baseline.
    [[nodiscard]] BaselineState state() const { return state_; }
    [[nodiscard]] const PathWatch& path() const { return path_; }

  private:
    void set_baseline(Millis candidate, BaselineState how);

    BaselineConfig config_;
    std::chrono::duration<double> load_time_constant_;
    Millis load_;
    Millis baseline_;
    Nanos escape_;
    PathWatch path_;
    BaselineState state_ = BaselineState::following;
};

}  // namespace wanctl::autorate
