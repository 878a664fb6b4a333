// Makes the router hold what the law wants: resolves the queues, writes, verifies, recovers, polls.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "autorate/actuate/actuator_options.hpp"
#include "autorate/actuate/queue_poller.hpp"
#include "autorate/actuate/queue_stats.hpp"
#include "autorate/actuate/router_load.hpp"
#include "autorate/actuate/write_policy.hpp"
#include "autorate/notice.hpp"
#include "common/routeros/router_link.hpp"
#include "common/transfer/backoff.hpp"
#include "common/transfer/lazy_timer.hpp"

namespace wanctl::actuate {

struct DirectionView {
    std::optional<Rate>
        held;              // what the router confirmed; kUnlimited for no limit; nothing: unknown
    bool pending = false;  // the router does not hold what is wanted
    std::optional<QueueSample> sample;  // the newest statistics; its age is now - sample->at
    bool shaping = true;                // false: the queue is disabled or invalid on the router
};

struct ActuatorView {
    RouterState router = RouterState::unknown;          // of the connection that writes
    RouterState statistics = RouterState::unknown;      // of the polls
    std::array<DirectionView, 2> direction;             // [Direction]
    std::optional<routeros::ResourceReading> resource;  // of the router itself, when it is known
};

// One write that ended.
struct WriteEnded {
    Direction direction = Direction::download;
    // `differs` also when a success could not be read; `refused` for every error status.
    WriteOutcome outcome = WriteOutcome::none;
    int http_status = 0;  // 0: none came
    Nanos latency{};
};

// The writes that ended since the last take: how many, and the last of them.
struct WritesEnded {
    std::uint32_t count = 0;
    WriteEnded last;
};

struct ActuatorCounters {
    std::array<std::uint64_t, 5> writes{};  // [WriteOutcome]; `none`: writes begun
    std::uint64_t lookups = 0;              // of the queues' ids
    std::uint64_t polls = 0;                // begun
    std::uint64_t polls_read = 0;           // ended with both queues' figures
    std::uint64_t polls_failed = 0;
    std::uint64_t outside_changes = 0;  // limits found changed by somebody else
};

// Called once per change, with a message fit for the log.
using StateChange = std::function<void(RouterState state, const std::string& message)>;

// One WAN's two queues. The links may be shared with other WANs of the process; `stats` may be the
// same link as `write`. After a failed write what the router holds is unknown until it has been
// read again; the wish is kept and applied then. One thread; not to be destroyed from its
// callbacks.
//
// The readings of `stats` count as well: they show a limit changed by somebody else, and ids that
// changed. A write goes to the connection on which, or shortly after, the ids were read; never, by
// an outdated id, to a router that restarted meanwhile. When `stats` reads nothing for long, the
// queues are read over `write` too.
class Actuator final : public routeros::LinkUser, private QueuePoller::Listener {
  public:
    Actuator(boost::asio::io_context& loop, const Clock& clock, const ActuatorOptions& options,
             std::shared_ptr<routeros::RouterLink> write,
             std::shared_ptr<routeros::RouterLink> stats);
    ~Actuator() override;
    Actuator(const Actuator&) = delete;
    Actuator& operator=(const Actuator&) = delete;

    void on_state_change(StateChange callback) { state_change_ = std::move(callback); }
    void on_notice(TellNotice callback) { tell_notice_ = std::move(callback); }
    // Reads the queues and begins to poll; until then nothing is sent.
    void start(SteadyTime now);

    // Each slot: both wishes, then pump(). Without a request to send neither allocates.
    void want(SteadyTime now, Direction direction, Rate rate, Zone zone) {
        policy_.want(now, direction, rate, zone);
    }
    void pump(SteadyTime now);

    [[nodiscard]] ActuatorView view() const;
    [[nodiscard]] WritesEnded take_writes_ended();
    [[nodiscard]] const ActuatorCounters& counters() const { return counters_; }

    // What stop() is to do, in place of [write] on_exit.
    void set_on_exit(ExitWrite on_exit) { options_.on_exit = on_exit; }
    // Ends polling and the wishes, and calls `done` once, from the loop: when the write in flight
    // has ended (and, with on_exit = ceiling, both queues hold their ceilings), or at the deadline.
    void stop(SteadyTime now, SteadyTime deadline, std::function<void(bool complete)> done);

  private:
    enum class Asked : std::uint8_t { nothing, lookup, write };

    [[nodiscard]] routeros::Urgency urgency(SteadyTime now) const override;
    [[nodiscard]] std::optional<SteadyTime> wake_at() const override;
    void take_turn(SteadyTime now) override;
    void on_reply(SteadyTime now, const routeros::Reply& reply) override;
    void poll_started() override;
    void poll_read(SteadyTime now, const routeros::QueuePair& pair) override;
    void poll_failed(SteadyTime now, RouterState state, const std::string& message) override;

    void share_lookup(SteadyTime now, const routeros::Reply& reply);
    void lookup_ended(SteadyTime now, const routeros::Reply& reply);
    void write_ended(SteadyTime now, const routeros::Reply& reply);
    [[nodiscard]] WriteOutcome verify(SteadyTime now, const Write& write,
                                      const routeros::Reply& reply);
    void write_failed(SteadyTime now, const routeros::Reply& reply);
    void read_again() { must_read_ = true; }
    void back_off(SteadyTime now);
    [[nodiscard]] bool must_look_up() const;
    [[nodiscard]] bool unread_for_long(SteadyTime now) const;
    void adopt(SteadyTime now, const routeros::QueuePair& pair, Direction direction);
    void notice_outside_change(SteadyTime now, const routeros::QueueReading& queue, Rate held);
    void notice_late(SteadyTime now);
    void notice_shaping(const routeros::QueuePair& pair);
    void tell(const Notice& notice) const;
    void enter(RouterState state, int status, const std::string& message);
    [[nodiscard]] bool settled() const;
    void check_stopped();

    const Clock& clock_;
    ActuatorOptions options_;
    std::shared_ptr<routeros::RouterLink> link_;
    std::shared_ptr<routeros::RouterLink> stats_link_;
    StateChange state_change_;
    TellNotice tell_notice_;
    WritePolicy policy_;
    QueuePoller poller_;
    RouterLoad load_;

    bool started_ = false;
    bool must_read_ = true;
    std::uint64_t epoch_ = 0;  // of the link when the queues were last read
    std::array<std::string, 2> id_;
    std::optional<SteadyTime> read_at_;  // when ids and limits were last read, by whichever link
    Asked asked_ = Asked::nothing;
    SteadyTime asked_at_{};
    std::optional<Write> in_flight_;
    int unknown_ids_ = 0;  // writes in a row that met an unknown id
    bool write_refused_ =
        false;  // the last write met an error status; reading may work all the same
    transfer::Backoff backoff_;
    std::optional<SteadyTime> not_before_;

    // Writes begun and ended, by direction: tells a poll whether it overlapped one.
    std::array<std::uint64_t, 2> write_events_{};
    std::array<std::uint64_t, 2> write_events_at_poll_{};
    int queries_missed_ = 0;  // polls in a row that did not find the queues

    RouterState state_ = RouterState::unknown;
    int state_status_ = 0;
    RouterState stats_state_ = RouterState::unknown;
    std::array<QueueStats, 2> stats_;
    std::array<bool, 2> shaping_{true, true};
    std::array<std::optional<SteadyTime>, 2> told_outside_;  // of a change from outside
    WritesEnded ended_;
    ActuatorCounters counters_;

    bool stopping_ = false;
    std::function<void(bool)> stopped_;
    transfer::LazyTimer stop_timer_;
};

}  // namespace wanctl::actuate
