// wanctl-steering at work: the lines' records in, one rule on or off, a record of each decision
// out.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "common/alert/engine.hpp"
#include "common/clock.hpp"
#include "common/config/steering_config.hpp"
#include "common/log/log.hpp"
#include "common/loop/notifier.hpp"
#include "common/loop/ticker.hpp"
#include "common/record/steering_counters.hpp"
#include "common/record/steering_record.hpp"
#include "shm/segment_writer.hpp"
#include "steering/decide/steering_decider.hpp"
#include "steering/line_teller.hpp"
#include "steering/rule/rule_keeper.hpp"
#include "steering/setup_check.hpp"
#include "steering/sources/line_watch.hpp"

namespace wanctl::steering {

// What outlives the daemon and what it owns.
struct Surroundings {
    boost::asio::io_context& loop;
    const Clock& clock;
    Log& log;
    Notifier& notifier;
};

struct Parts {
    std::unique_ptr<LineWatch> lines;
    std::unique_ptr<RuleKeeper> rule;
    std::shared_ptr<routeros::RouterLink> link;
    shm::SegmentWriter<SteeringRecord> segment;
    std::unique_ptr<SetupCheck> setup_check;  // until it has ended
    // What a predecessor left: its hold-down, its toggles and its penalty go on.
    std::optional<SteeringMemory> predecessor;
    std::vector<alert::KeptAlert> alerts;  // and what it had raised; not the daemon's
};

// What a changed configuration replaces.
struct Replacement {
    std::shared_ptr<routeros::RouterLink> link;  // another one, or the same as before
    std::unique_ptr<SetupCheck> setup_check;     // none: as before
};

inline constexpr Nanos kSteeringTick = std::chrono::milliseconds(100);

class Daemon final : private RuleListener {
  public:
    Daemon(const Surroundings& around, const SteeringConfig& config, Parts parts);

    // Called with each record that was just published, after its counters; nobody when empty.
    void on_record(std::function<void(const SteeringRecord&)> call) {
        on_record_ = std::move(call);
    }
    [[nodiscard]] std::uint64_t counter(SteeringCounter counter) const {
        return parts_.segment.counter(counter);
    }

    [[nodiscard]] const HistoryConfig& history() const { return config_.history; }

    // Begins to decide, and to talk to the router at once. `remember` is called whenever there is
    // something new in memory() that must not be lost.
    void start(std::function<void()> remember);
    // Takes other settings over; what is decided and known goes on.
    void reconfigure(const SteeringConfig& config, Replacement parts);
    // The set-up is still to be looked at.
    [[nodiscard]] bool checks_setup() const { return parts_.setup_check != nullptr; }
    // What the next daemon goes on from.
    [[nodiscard]] SteeringMemory memory() const;
    // Leaves the rule as `on_exit` says, marks the segment, and calls `done` from the loop.
    void stop(ReleaseOnExit on_exit, std::function<void()> done);

  private:
    void on_tick(const Tick& tick);
    void on_bell();
    void look_after(SteadyTime now, Nanos lateness);
    bool drain();
    void decide(const DecideInput& input, Nanos lateness);
    void act(const DecideInput& input);
    void begin_action(SteeringAction action, SteeringReason reason, SteadyTime cause);
    void publish();
    void fill_lines();
    void fill_rule(SteadyTime now);
    void count();
    void tell_sources();
    void tell_status();
    void show_settings();

    void rule_found(RuleState state) override;
    void toggle_ended(const ToggleEnded& ended) override;
    void rule_notice(bool good, const std::string& message) override;

    Surroundings around_;
    SteeringConfig config_;
    Parts parts_;
    LineTeller teller_;
    SteeringDecider decider_;
    Ticker ticker_;

    SteeringRecord record_;  // the newest decision; what it does not tell anew stays
    std::function<void(const SteeringRecord&)> on_record_;
    bool published_ = false;
    bool stopping_ = false;
    SteadyTime decided_at_{};
    SteadyTime looked_after_{};  // when the tick's work was last done
    SteadyTime cause_at_{};      // of the last action
    bool known_ = false;         // the rule was found, or it was decided about
    std::function<void()> remember_;
    std::uint64_t connects_before_ = 0;  // on links that were replaced
};

}  // namespace wanctl::steering
