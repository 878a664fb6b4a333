// Makes the one mangle rule what steering wants: finds it, writes it, verifies it, reads it again.
//
// A write follows from one cause: a wish that changed, or a reading that found the rule changed by
// somebody else. After a write without a trusted answer the rule is read before anything else is
// sent, so that no cause toggles it twice.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "common/config/steering_config.hpp"
#include "common/record/steering_states.hpp"
#include "common/routeros/router_link.hpp"
#include "common/transfer/backoff.hpp"
#include "common/transfer/lazy_timer.hpp"

namespace wanctl::steering {

struct RuleOptions {
    std::string comment;  // exact
    Reconcile reconcile = Reconcile::restore;
    bool dry_run = false;                            // reads, never writes
    Nanos read_interval = std::chrono::seconds(30);  // between readings when nothing happens
    std::uint32_t seed = 1;                          // of the jitter between attempts
};

[[nodiscard]] RuleOptions rule_options(const SteeringConfig& config, std::uint32_t seed);

struct RuleView {
    RouterState router = RouterState::unknown;
    RuleStatus status = RuleStatus::unread;
    RuleState wanted = RuleState::unknown;
    RuleState read = RuleState::unknown;  // what the router last told
    std::optional<SteadyTime> read_at;
    bool pending = false;  // the router does not hold what is wanted, and will be told
    bool changed = false;  // somebody else changed it, and it is not put right (yet)
};

// One write that ended.
struct ToggleEnded {
    RuleState asked = RuleState::unknown;
    WriteOutcome outcome = WriteOutcome::none;
    bool restoring = false;  // somebody else had changed the rule
    int http_status = 0;     // 0: none came
    SteadyTime sent_at{};    // when the request was handed over
    Nanos latency{};
};

struct RuleCounters {
    std::uint64_t reads = 0;
    std::uint64_t applied = 0;
    std::uint64_t failed = 0;
    std::uint64_t foreign_changes = 0;
};

// Who hears of the rule. Called from the loop; must not destroy the keeper.
class RuleListener {
  public:
    virtual ~RuleListener() = default;
    // The first time that the router tells.
    virtual void rule_found(RuleState state) = 0;
    virtual void toggle_ended(const ToggleEnded& ended) = 0;
    // Once per change, fit for the log.
    virtual void rule_notice(bool good, const std::string& message) = 0;
};

// One thread. The listener outlives it.
class RuleKeeper final : private routeros::LinkUser {
  public:
    RuleKeeper(boost::asio::io_context& loop, const Clock& clock, RuleOptions options,
               std::shared_ptr<routeros::RouterLink> link);
    ~RuleKeeper() override;
    RuleKeeper(const RuleKeeper&) = delete;
    RuleKeeper& operator=(const RuleKeeper&) = delete;

    // Reads the rule at once; until then nothing is written.
    void start(SteadyTime now, RuleListener& listener);
    // Sends it at once on a kept connection, if it is not what the router holds. The latest wish
    // counts.
    void want(SteadyTime now, RuleState state);

    // Other settings (the comment must be the same), and perhaps another link. What is known of the
    // rule stays; over another link it is read again before anything is written, and rule_found()
    // is not called anew. A write in flight on the old link may have been done or not.
    void reconfigure(SteadyTime now, RuleOptions options,
                     std::shared_ptr<routeros::RouterLink> link);

    [[nodiscard]] RuleView view() const;
    [[nodiscard]] const RuleCounters& counters() const { return counters_; }

    // No more readings for their own sake. Calls `done` once, from the loop: when the router holds
    // what is wanted (or, with `wait` false, when no write is in flight), or at the deadline.
    void stop(SteadyTime now, SteadyTime deadline, bool wait,
              std::function<void(bool complete)> done);

  private:
    enum class Asked : std::uint8_t { nothing, reading, writing };

    [[nodiscard]] routeros::Urgency urgency(SteadyTime now) const override;
    [[nodiscard]] std::optional<SteadyTime> wake_at() const override;
    void take_turn(SteadyTime now) override;
    void on_reply(SteadyTime now, const routeros::Reply& reply) override;
    void connection_ended() override { connection_ended_ = true; }

    void reading_ended(SteadyTime now, const routeros::Reply& reply);
    void learn(RuleState before, RuleState state);
    void write_ended(SteadyTime now, const routeros::Reply& reply);
    [[nodiscard]] WriteOutcome verify(SteadyTime now, const routeros::Reply& reply);
    void write_failed(SteadyTime now, const routeros::Reply& reply);
    void back_off(SteadyTime now);
    void enter(RouterState router, RuleStatus status, int http_status, const std::string& message);
    [[nodiscard]] bool must_read() const { return must_read_ || link_->epoch() != epoch_; }
    [[nodiscard]] bool must_write() const;
    [[nodiscard]] bool settled() const;
    void check_stopped();
    void take_link(std::shared_ptr<routeros::RouterLink> link);
    [[nodiscard]] Nanos read_interval() const;

    const Clock& clock_;
    RuleOptions options_;
    std::shared_ptr<routeros::RouterLink> link_;
    RuleListener* listener_ = nullptr;

    RuleState wanted_ = RuleState::unknown;
    RuleState read_ = RuleState::unknown;
    std::optional<SteadyTime> read_at_;
    std::string id_;
    bool must_read_ = true;
    std::uint64_t epoch_ = 0;     // of the link at the last reading
    bool uncertain_ = false;      // a write had no trusted answer: the next reading is no news
    bool left_alone_ = false;     // until the next wish
    bool restoring_ = false;      // the next write undoes somebody else's change
    bool write_refused_ = false;  // the last write met an error; reading may work all the same
    int unknown_ids_ = 0;         // writes in a row that met an unknown id
    // Since the last reading, and while nobody used it: the router may have restarted.
    bool connection_ended_ = false;

    Asked asked_ = Asked::nothing;
    SteadyTime asked_at_{};
    ToggleEnded writing_;
    transfer::Backoff backoff_;
    std::optional<SteadyTime> not_before_;

    RouterState router_ = RouterState::unknown;
    RuleStatus status_ = RuleStatus::unread;
    int http_status_ = 0;
    RuleCounters counters_;

    bool stopping_ = false;
    bool stop_waits_ = false;
    std::function<void(bool)> stopped_;
    transfer::LazyTimer stop_timer_;
};

}  // namespace wanctl::steering
