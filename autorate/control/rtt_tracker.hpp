// The two averages of RTT: `load` follows at once, `baseline` learns the idle path slowly.
#pragma once

#include "autorate/control/law_time.hpp"
#include "common/config/autorate_config.hpp"

namespace wanctl::autorate {

class RttTracker {
  public:
    RttTracker(const BaselineConfig& baseline, std::chrono::duration<double> load_time_constant);

    // Takes one sample that stands for `elapsed`. Load first; the baseline moves only while the new
    // load is less than update_threshold above it, and never out of its bounds.
    void update(Millis rtt, Cycles elapsed);

    // Another baseline is moved into its bounds.
    void restore(Millis load, Millis baseline);
    void reconfigure(const BaselineConfig& baseline,
                     std::chrono::duration<double> load_time_constant);

    [[nodiscard]] Millis load() const { return load_; }
    [[nodiscard]] Millis baseline() const { return baseline_; }
    [[nodiscard]] Millis delta() const { return load_ - baseline_; }

  private:
    BaselineConfig config_;
    std::chrono::duration<double> load_time_constant_;
    Millis load_;
    Millis baseline_;
};

}  // namespace wanctl::autorate
