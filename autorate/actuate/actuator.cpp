#include "autorate/actuate/actuator.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "common/routeros/manners.hpp"
#include "common/routeros/queue_tree.hpp"
#include "common/routeros/records.hpp"

namespace wanctl::actuate {
namespace {

using routeros::kFirstRetry;
using routeros::kIdFresh;
using routeros::kLate;
using routeros::kRetryCap;
using routeros::Method;
using routeros::QueuePair;
using routeros::Reply;
using routeros::Request;
using routeros::Urgency;

// Without readings for so long (or two intervals) the queues are read over the writing link.
constexpr Nanos kUnreadForLong = std::chrono::seconds(4);
// Somebody else who goes on changing a limit is told of at most this often.
constexpr Nanos kTellOutsideAgain = std::chrono::minutes(1);
// Polls that miss queues which a look-up finds, before the query itself is held to be the cause.
constexpr int kQueriesTried = 3;
constexpr std::array kDirections{Direction::download, Direction::upload};

constexpr std::size_t index(Direction direction) {
    return static_cast<std::size_t>(direction);
}

Nanos poll_interval(const ActuatorOptions& options, bool shared) {
    return shared ? std::max(options.stats_interval, kSharedStatsInterval) : options.stats_interval;
}

Nanos load_interval(const ActuatorOptions& options, bool shared) {
    return shared ? std::max(options.load_interval, kSharedLoadInterval) : options.load_interval;
}

}  // namespace

Actuator::Actuator(boost::asio::io_context& loop, const Clock& clock,
                   const ActuatorOptions& options, std::shared_ptr<routeros::RouterLink> write,
                   std::shared_ptr<routeros::RouterLink> stats)
    : clock_(clock),
      options_(options),
      link_(std::move(write)),
      stats_link_(std::move(stats)),
      policy_(options.policy, clock.steady()),
      poller_(*stats_link_, options_.queue, poll_interval(options, link_ == stats_link_), *this),
      load_(*stats_link_, load_interval(options, link_ == stats_link_), options.cpu_watch,
            [this](const Notice& notice) { tell(notice); }),
      backoff_(kFirstRetry, options.seed),
      stop_timer_(loop, clock, [this](SteadyTime) {
          if (stopped_) std::exchange(stopped_, nullptr)(settled());
      }) {
    link_->join(*this);
}

Actuator::~Actuator() {
    link_->leave(*this);
}

void Actuator::start(SteadyTime now) {
    started_ = true;
    poller_.start(now);
    // After the first statistics, so that the start's slots have one thing less to do.
    load_.start(now + 2 * options_.stats_interval);
    pump(now);
    if (stats_link_ != link_) stats_link_->offer(now);
}

void Actuator::pump(SteadyTime now) {
    link_->offer(now);
    notice_late(now);
}

void Actuator::notice_late(SteadyTime now) {
    if (asked_ == Asked::nothing || state_ > RouterState::ok || now - asked_at_ < kLate) return;
    enter(RouterState::late, 0,
          fmt::format("{}: no answer for {:g} s; it is waited for, since the router goes on with "
                      "the request and ends it after 60 s",
                      link_->place(), to_seconds(kLate)));
}

bool Actuator::unread_for_long(SteadyTime now) const {
    return read_at_ && now - *read_at_ > std::max(kUnreadForLong, 2 * options_.stats_interval);
}

bool Actuator::must_look_up() const {
    return must_read_ || link_->epoch() != epoch_;
}

Urgency Actuator::urgency(SteadyTime now) const {
    if (!started_ || asked_ != Asked::nothing || (not_before_ && now < *not_before_))
        return Urgency::none;
    if (stopping_ && settled()) return Urgency::none;
    if (must_look_up()) return Urgency::lookup;
    const auto write = policy_.next(now);
    if (!write) return unread_for_long(now) ? Urgency::poll : Urgency::none;
    return write->kind == WriteKind::decrease ? Urgency::decrease : Urgency::increase;
}

std::optional<SteadyTime> Actuator::wake_at() const {
    return asked_ == Asked::nothing ? not_before_ : std::nullopt;
}

void Actuator::take_turn(SteadyTime now) {
    not_before_.reset();
    asked_at_ = now;
    const auto write = policy_.next(now);
    if (must_look_up() || !write) {
        asked_ = Asked::lookup;
        ++counters_.lookups;
        return link_->send(Request{Method::get, routeros::list_path(), {}});
    }
    asked_ = Asked::write;
    in_flight_ = write;
    policy_.sent(now, *write);
    ++write_events_[index(write->direction)];
    ++counters_.writes[static_cast<std::size_t>(WriteOutcome::none)];
    link_->send(Request{Method::patch, routeros::patch_path(id_[index(write->direction)]),
                        routeros::patch_body(write->rate),
                        read_at_ && now - *read_at_ <= kIdFresh});
}

void Actuator::on_reply(SteadyTime now, const Reply& reply) {
    if (std::exchange(asked_, Asked::nothing) == Asked::lookup)
        share_lookup(now, reply);
    else
        write_ended(now, reply);
    check_stopped();
}

// The whole tree answers everybody on this link who would ask for it next.
void Actuator::share_lookup(SteadyTime now, const Reply& reply) {
    lookup_ended(now, reply);
    for (routeros::LinkUser* user : link_->users()) {
        auto* other = dynamic_cast<Actuator*>(user);
        if (other == nullptr || other == this) continue;
        const Urgency wants = other->urgency(now);
        if (wants != Urgency::lookup && wants != Urgency::poll) continue;
        other->lookup_ended(now, reply);
        other->check_stopped();
    }
}

void Actuator::lookup_ended(SteadyTime now, const Reply& reply) {
    if (reply.state != RouterState::ok) {
        read_again();
        back_off(now);
        read_at_.reset();
        return enter(reply.state, reply.status, reply.error.message);
    }
    const auto pair = routeros::find_queues(reply.body, options_.queue);
    if (!pair) {
        read_again();
        back_off(now);
        read_at_.reset();
        return enter(pair.error().state, 0,
                     fmt::format("{}: {}", link_->place(), pair.error().message));
    }
    must_read_ = false;
    epoch_ = link_->epoch();
    read_at_ = now;
    if (queries_missed_ >= kQueriesTried) poller_.read_whole_tree();
    for (const Direction direction : kDirections) {
        id_[index(direction)] = (*pair)[index(direction)].id;
        adopt(now, *pair, direction);
    }
    notice_shaping(*pair);
    // While writes are refused, being able to read does not make it well.
    const bool pending = policy_.pending(Direction::download) || policy_.pending(Direction::upload);
    if (write_refused_ && pending) return;
    write_refused_ = false;
    backoff_.reset();
    enter(RouterState::ok, 0, fmt::format("{}: both queues found", link_->place()));
}

void Actuator::adopt(SteadyTime now, const QueuePair& pair, Direction direction) {
    const routeros::QueueReading& queue = pair[index(direction)];
    const auto held = policy_.held(direction);
    if (held && *held != queue.max_limit) {
        ++counters_.outside_changes;
        notice_outside_change(now, queue, *held);
    }
    policy_.hold(now, direction, queue.max_limit);
}

void Actuator::notice_outside_change(SteadyTime now, const routeros::QueueReading& queue,
                                     Rate held) {
    auto& told = told_outside_[queue.name == options_.queue[0] ? 0 : 1];
    if (told && now - *told < kTellOutsideAgain) return;
    told = now;
    const auto text = [](Rate rate) {
        return rate == routeros::kUnlimited ? std::string("no limit")
                                            : fmt::format("{} bit/s", rate.bps);
    };
    tell({"limit", false,
          fmt::format("{}: queue \"{}\" has {} where {} was set: somebody else changed it, or the "
                      "router restarted",
                      link_->place(), queue.name, text(queue.max_limit), text(held))});
}

void Actuator::notice_shaping(const QueuePair& pair) {
    for (const Direction direction : kDirections) {
        const routeros::QueueReading& queue = pair[index(direction)];
        const bool shaping = !queue.invalid && !queue.disabled;
        if (std::exchange(shaping_[index(direction)], shaping) == shaping) continue;
        tell({"queue", shaping,
              fmt::format("{}: queue \"{}\" {}", link_->place(), queue.name,
                          shaping          ? "shapes again"
                          : queue.disabled ? "is disabled: nothing is shaped"
                                           : "is invalid (its parent is missing or down): nothing "
                                             "is shaped")});
    }
}

void Actuator::write_ended(SteadyTime now, const Reply& reply) {
    if (!in_flight_) return;
    const Write write = *std::exchange(in_flight_, std::nullopt);
    ++write_events_[index(write.direction)];
    if (reply.stale) {
        // Perhaps it was lost with the connection: what the router holds is unknown.
        policy_.ended(now, std::nullopt);
        return read_again();
    }
    WriteOutcome outcome = WriteOutcome::refused;
    if (reply.state == RouterState::ok) {
        outcome = verify(now, write, reply);
    } else {
        if (reply.status == 0) outcome = WriteOutcome::unreachable;
        write_failed(now, reply);
    }
    ++counters_.writes[static_cast<std::size_t>(outcome)];
    ++ended_.count;
    ended_.last = WriteEnded{write.direction, outcome, reply.status, reply.latency};
}

WriteOutcome Actuator::verify(SteadyTime now, const Write& write, const Reply& reply) {
    const auto record = routeros::read_queue(reply.body);
    const std::string& name = options_.queue[index(write.direction)];
    if (!record || record->name != name) {
        policy_.ended(now, std::nullopt);
        read_again();
        back_off(now);
        write_refused_ = true;
        enter(RouterState::bad_reply, reply.status,
              fmt::format("{}: the reply to a write: {}", link_->place(),
                          record ? fmt::format("it concerns queue \"{}\" instead of \"{}\"",
                                               routeros::printable(record->name, 64), name)
                                 : record.error().message));
        return WriteOutcome::differs;
    }
    unknown_ids_ = 0;
    write_refused_ = false;
    backoff_.reset();
    policy_.ended(now, record->max_limit);
    enter(RouterState::ok, 0, fmt::format("{}: writes are applied", link_->place()));
    return record->max_limit == write.rate ? WriteOutcome::applied : WriteOutcome::differs;
}

void Actuator::write_failed(SteadyTime now, const Reply& reply) {
    // An error status is no proof of no effect: nothing is assumed about either queue's limit.
    policy_.ended(now, std::nullopt);
    read_again();
    if (routeros::is_unknown_id(reply)) {
        // The queue was made anew: read its id, and only if that does not help it is a failure.
        if (++unknown_ids_ < 2) return;
        write_refused_ = true;
        back_off(now);
        return enter(reply.status == 404 ? RouterState::failing : RouterState::forbidden,
                     reply.status,
                     reply.error.message +
                         "; the queue exists: does the user's group have the "
                         "policy write?");
    }
    write_refused_ = reply.state == RouterState::failing || reply.state == RouterState::forbidden;
    back_off(now);
    enter(reply.state, reply.status, reply.error.message);
}

void Actuator::back_off(SteadyTime now) {
    not_before_ = now + backoff_.next(kRetryCap);
}

void Actuator::poll_started() {
    ++counters_.polls;
    write_events_at_poll_ = write_events_;
}

void Actuator::poll_read(SteadyTime now, const QueuePair& pair) {
    ++counters_.polls_read;
    const RouterState before = std::exchange(stats_state_, RouterState::ok);
    if (before > RouterState::ok && link_ != stats_link_)
        tell({"statistics", true, fmt::format("{}: read again", stats_link_->place())});
    queries_missed_ = 0;
    for (const Direction direction : kDirections)
        stats_[index(direction)].accept(pair[index(direction)], now);
    notice_shaping(pair);
    if (must_look_up()) return;
    if (pair[0].id != id_[0] || pair[1].id != id_[1]) {
        read_again();
        return pump(now);
    }
    read_at_ = now;
    // A reading that overlaps a write may be older than the write. One that does not is the truth.
    for (const Direction direction : kDirections) {
        const bool writing = in_flight_ && in_flight_->direction == direction;
        if (!writing && write_events_[index(direction)] == write_events_at_poll_[index(direction)])
            adopt(now, pair, direction);
    }
    pump(now);
}

void Actuator::poll_failed(SteadyTime now, RouterState state, const std::string& message) {
    ++counters_.polls_failed;
    const bool changed = std::exchange(stats_state_, state) != state;
    const bool missed = state == RouterState::queue_missing;
    if (missed) ++queries_missed_;
    // The writer's own look-up finds out whether the router, or only the poll, is in trouble.
    if (changed || (missed && state_ == RouterState::ok)) read_again();
    if (changed && link_ != stats_link_) tell({"statistics", false, message});
    pump(now);
}

void Actuator::tell(const Notice& notice) const {
    if (tell_notice_) tell_notice_(notice);
}

void Actuator::enter(RouterState state, int status, const std::string& message) {
    if (state == state_ && status == state_status_) return;
    state_ = state;
    state_status_ = status;
    if (state_change_) state_change_(state, message);
}

ActuatorView Actuator::view() const {
    ActuatorView view;
    view.router = state_;
    view.statistics = stats_state_;
    view.resource = load_.reading(clock_.steady());
    for (const Direction direction : kDirections)
        view.direction[index(direction)] =
            DirectionView{policy_.held(direction), policy_.pending(direction),
                          stats_[index(direction)].last(), shaping_[index(direction)]};
    return view;
}

WritesEnded Actuator::take_writes_ended() {
    return std::exchange(ended_, WritesEnded{});
}

bool Actuator::settled() const {
    if (in_flight_) return false;
    if (options_.on_exit == ExitWrite::keep) return true;
    return !policy_.pending(Direction::download) && !policy_.pending(Direction::upload);
}

void Actuator::stop(SteadyTime now, SteadyTime deadline, std::function<void(bool)> done) {
    stopping_ = true;
    poller_.stop();
    load_.stop();
    stopped_ = std::move(done);
    if (options_.on_exit == ExitWrite::ceiling) policy_.want_ceilings();
    stop_timer_.set(deadline);
    pump(now);
    check_stopped();
}

void Actuator::check_stopped() {
    // Through the timer, so that `done` never runs inside stop() or a reply.
    if (stopping_ && stopped_ && settled()) stop_timer_.set(clock_.steady());
}

}  // namespace wanctl::actuate
