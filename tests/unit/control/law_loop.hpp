// The law and the write policy as the daemon puts them together, on a router that answers at once:
// what decides in a closed loop in virtual time.
#pragma once

#include "autorate/actuate/write_policy.hpp"
#include "autorate/control/wan_controller.hpp"
#include "tests/sim/line/closed_loop.hpp"

namespace wanctl {

class LawLoop {
  public:
    explicit LawLoop(const AutorateConfig& config);

    std::optional<sim::RatePair> operator()(std::optional<Nanos> rtt, SteadyTime now);

    [[nodiscard]] const autorate::Decision& decision() const { return decision_; }
    [[nodiscard]] int writes() const { return writes_; }
    [[nodiscard]] int increases() const { return increases_; }
    [[nodiscard]] int raised_while_congested() const { return raised_while_congested_; }
    [[nodiscard]] int red_slots() const { return red_slots_; }
    // How far the baseline has been from `initial` at most.
    [[nodiscard]] Millis highest_baseline() const { return highest_baseline_; }

  private:
    void write(SteadyTime now);
    [[nodiscard]] std::optional<Rate> held(Direction direction) const {
        return policy_.held(direction);
    }

    autorate::WanController controller_;
    actuate::WritePolicy policy_;
    autorate::Decision decision_;
    std::int64_t slot_ = 0;
    int writes_ = 0;
    int increases_ = 0;
    int raised_while_congested_ = 0;
    int red_slots_ = 0;
    Millis highest_baseline_{};
};

}  // namespace wanctl
