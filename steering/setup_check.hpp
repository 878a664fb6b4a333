// Once after a start: what is wrong with the router's set-up for steering, and what mends it.
#pragma once

#include <optional>
#include <string>

#include "common/clock.hpp"
#include "common/config/steering_config.hpp"
#include "common/log/log.hpp"
#include "steering/rule/menu_reader.hpp"
#include "steering/rule/rule_keeper.hpp"

namespace wanctl::steering {

// Over a connection of its own, so that the rule's requests never wait here for its replies. It
// waits until the router has told of the rule and no write is to be made; one attempt. What is
// named outlives it.
class SetupCheck {
  public:
    SetupCheck(boost::asio::io_context& loop, const Clock& clock, Log& log,
               const SteeringConfig& config, const std::string& password);

    // To be called now and then with the rule as the keeper sees it; tells the log at the end.
    void look(SteadyTime now, const RuleView& rule);
    // There is nothing more to do: it may go, from anywhere but its own call.
    [[nodiscard]] bool ended() const { return ended_; }

  private:
    void tell(const Result<RouterMenus>& menus);

    Log& log_;
    SetupNames names_;
    MenuReader reader_;
    std::optional<SteadyTime> reached_at_;
    bool begun_ = false;
    bool ended_ = false;
};

}  // namespace wanctl::steering
