#include "steering/rule/rule_keeper.hpp"

#include <utility>

#include <fmt/format.h>

#include "common/routeros/mangle.hpp"
#include "common/routeros/manners.hpp"
#include "common/routeros/records.hpp"

namespace wanctl::steering {
namespace {

using routeros::kFirstRetry;
using routeros::kIdFresh;
using routeros::kLate;
using routeros::kRetryCap;
using routeros::MangleReading;
using routeros::Method;
using routeros::Reply;
using routeros::Request;
using routeros::Urgency;

}  // namespace

RuleOptions rule_options(const SteeringConfig& config, std::uint32_t seed) {
    RuleOptions options;
    options.comment = config.rule.comment;
    options.reconcile = config.rule.reconcile;
    options.dry_run = config.decide.dry_run;
    options.seed = seed;
    return options;
}

RuleKeeper::RuleKeeper(boost::asio::io_context& loop, const Clock& clock, RuleOptions options,
                       std::shared_ptr<routeros::RouterLink> link)
    : clock_(clock),
      options_(std::move(options)),
      backoff_(kFirstRetry, options_.seed),
      stop_timer_(loop, clock, [this](SteadyTime) {
          if (stopped_) std::exchange(stopped_, nullptr)(settled());
      }) {
    take_link(std::move(link));
}

RuleKeeper::~RuleKeeper() {
    link_->leave(*this);
}

void RuleKeeper::take_link(std::shared_ptr<routeros::RouterLink> link) {
    link_ = std::move(link);
    link_->join(*this);
    link_->watch_connection();
}

void RuleKeeper::reconfigure(SteadyTime now, RuleOptions options,
                             std::shared_ptr<routeros::RouterLink> link) {
    options_ = std::move(options);
    if (left_alone_ && options_.reconcile == Reconcile::restore) {
        left_alone_ = false;
        restoring_ = true;
    }
    if (link != link_) {
        link_->leave(*this);
        uncertain_ = uncertain_ || asked_ == Asked::writing;
        asked_ = Asked::nothing;
        must_read_ = true;
        not_before_.reset();
        backoff_.reset();
        take_link(std::move(link));
    }
    link_->offer(now);
}

void RuleKeeper::start(SteadyTime now, RuleListener& listener) {
    listener_ = &listener;
    link_->offer(now);
}

void RuleKeeper::want(SteadyTime now, RuleState state) {
    if (state == wanted_) return;
    wanted_ = state;
    left_alone_ = false;
    restoring_ = false;
    link_->offer(now);
}

bool RuleKeeper::must_write() const {
    return !options_.dry_run && !left_alone_ && wanted_ != RuleState::unknown &&
           read_ != RuleState::unknown && wanted_ != read_;
}

// A server that ends its connections at once must not make us ask without a pause.
Nanos RuleKeeper::read_interval() const {
    return connection_ended_ ? kIdFresh : options_.read_interval;
}

Urgency RuleKeeper::urgency(SteadyTime now) const {
    if (listener_ == nullptr || asked_ != Asked::nothing || (not_before_ && now < *not_before_))
        return Urgency::none;
    if (stopping_ && settled()) return Urgency::none;
    if (must_read()) return Urgency::lookup;
    if (must_write()) return Urgency::decrease;
    return !stopping_ && read_at_ && now - *read_at_ >= read_interval() ? Urgency::poll
                                                                        : Urgency::none;
}

std::optional<SteadyTime> RuleKeeper::wake_at() const {
    if (asked_ != Asked::nothing) return std::nullopt;
    if (not_before_) return not_before_;
    if (stopping_ || !read_at_) return std::nullopt;
    return *read_at_ + read_interval();
}

void RuleKeeper::take_turn(SteadyTime now) {
    not_before_.reset();
    asked_at_ = now;
    if (must_read() || !must_write()) {
        asked_ = Asked::reading;
        ++counters_.reads;
        return link_->send(Request{Method::get, routeros::mangle_list_path(), {}});
    }
    asked_ = Asked::writing;
    writing_ = ToggleEnded{wanted_, WriteOutcome::none, restoring_, 0, now, {}};
    // By an id that may be outdated only over the connection it was read on: behind another one
    // may be a router that restarted, where the id is some other rule's.
    link_->send(Request{Method::patch, routeros::mangle_patch_path(id_),
                        routeros::mangle_patch_body(wanted_),
                        read_at_ && now - *read_at_ <= kIdFresh});
    if (asked_ == Asked::writing) writing_.sent_at = clock_.steady();
}

void RuleKeeper::on_reply(SteadyTime now, const Reply& reply) {
    if (std::exchange(asked_, Asked::nothing) == Asked::reading)
        reading_ended(now, reply);
    else
        write_ended(now, reply);
    check_stopped();
}

void RuleKeeper::reading_ended(SteadyTime now, const Reply& reply) {
    must_read_ = true;
    if (reply.state != RouterState::ok) {
        back_off(now);
        return enter(reply.state, status_, reply.status, reply.error.message);
    }
    auto rule = routeros::find_mangle(reply.body, options_.comment);
    if (!rule) {
        back_off(now);
        const bool readable = rule.error().status != RuleStatus::unread;
        return enter(readable ? RouterState::ok : RouterState::bad_reply,
                     readable ? rule.error().status : status_, 0,
                     fmt::format("{}: {}{}", link_->place(), rule.error().message,
                                 readable ? "; nothing is changed until one rule has it" : ""));
    }
    must_read_ = false;
    connection_ended_ = false;
    epoch_ = link_->epoch();
    read_at_ = now;
    id_ = std::move(rule->id);
    const RuleState before = std::exchange(read_, rule->state);
    // While writes are refused, being able to read does not make it well, unless one of them was
    // carried out all the same.
    if (!write_refused_ || !must_write()) {
        write_refused_ = false;
        backoff_.reset();
        enter(RouterState::ok, RuleStatus::ok, 0,
              fmt::format("{}: the rule is found, {}", link_->place(), name(rule->state)));
    }
    learn(before, rule->state);
}

void RuleKeeper::learn(RuleState before, RuleState state) {
    const bool explained = std::exchange(uncertain_, false);
    if (before == RuleState::unknown) return listener_->rule_found(state);
    if (state == wanted_) {
        left_alone_ = false;
        restoring_ = false;
    }
    if (before == state || explained) return;
    ++counters_.foreign_changes;
    const bool unwanted = wanted_ != RuleState::unknown && state != wanted_;
    left_alone_ = unwanted && options_.reconcile == Reconcile::report;
    restoring_ = unwanted && !left_alone_;
    listener_->rule_notice(!unwanted, fmt::format("{}: somebody else changed the rule, it is {}{}",
                                                  link_->place(), name(state),
                                                  !unwanted          ? " as it should be"
                                                  : options_.dry_run ? ""
                                                  : left_alone_ ? " and left so ([rule] reconcile)"
                                                                : " and is put right"));
}

void RuleKeeper::write_ended(SteadyTime now, const Reply& reply) {
    ToggleEnded ended = writing_;
    ended.http_status = reply.status;
    ended.latency = reply.latency;
    if (reply.stale) {
        // Perhaps it was lost with the connection: the rule is read over a new one, then written.
        uncertain_ = true;
        must_read_ = true;
        return;
    }
    ended.outcome = WriteOutcome::refused;
    if (reply.state == RouterState::ok) {
        ended.outcome = verify(now, reply);
    } else {
        if (reply.status == 0) ended.outcome = WriteOutcome::unreachable;
        write_failed(now, reply);
    }
    ++(ended.outcome == WriteOutcome::applied ? counters_.applied : counters_.failed);
    listener_->toggle_ended(ended);
}

WriteOutcome RuleKeeper::verify(SteadyTime now, const Reply& reply) {
    const auto rule = routeros::read_mangle(reply.body);
    if (!rule || rule->id != id_ || rule->comment != options_.comment) {
        uncertain_ = true;
        must_read_ = true;
        write_refused_ = true;
        back_off(now);
        enter(RouterState::bad_reply, status_, reply.status,
              fmt::format("{}: the reply to a write: {}", link_->place(),
                          rule ? fmt::format("it concerns rule {} \"{}\" instead of {} \"{}\"",
                                             rule->id, routeros::printable(rule->comment, 64), id_,
                                             routeros::printable(options_.comment, 64))
                               : rule.error().message));
        return WriteOutcome::differs;
    }
    read_ = rule->state;
    read_at_ = now;
    unknown_ids_ = 0;
    if (read_ != writing_.asked) {
        back_off(now);
        write_refused_ = true;
        enter(RouterState::failing, RuleStatus::ok, reply.status,
              fmt::format("{}: the router took the write, and left the rule {}", link_->place(),
                          name(read_)));
        return WriteOutcome::differs;
    }
    restoring_ = false;
    write_refused_ = false;
    backoff_.reset();
    enter(RouterState::ok, RuleStatus::ok, 0,
          fmt::format("{}: the rule is written again", link_->place()));
    return WriteOutcome::applied;
}

void RuleKeeper::write_failed(SteadyTime now, const Reply& reply) {
    // An error status is no proof of no effect.
    uncertain_ = true;
    must_read_ = true;
    if (routeros::is_unknown_id(reply)) {
        // The rule was made anew: read its id, and only if that does not help it is a failure.
        if (++unknown_ids_ < 2) return;
        write_refused_ = true;
        back_off(now);
        return enter(reply.status == 404 ? RouterState::failing : RouterState::forbidden, status_,
                     reply.status,
                     reply.error.message +
                         "; the rule exists: does the user's group have the policy write?");
    }
    write_refused_ = reply.state == RouterState::failing || reply.state == RouterState::forbidden;
    back_off(now);
    enter(reply.state, status_, reply.status, reply.error.message);
}

void RuleKeeper::back_off(SteadyTime now) {
    not_before_ = now + backoff_.next(kRetryCap);
}

void RuleKeeper::enter(RouterState router, RuleStatus status, int http_status,
                       const std::string& message) {
    if (router == router_ && status == status_ && http_status == http_status_) return;
    router_ = router;
    status_ = status;
    http_status_ = http_status;
    listener_->rule_notice(router == RouterState::ok && status == RuleStatus::ok, message);
}

RuleView RuleKeeper::view() const {
    const bool late = asked_ != Asked::nothing && router_ <= RouterState::ok &&
                      clock_.steady() - asked_at_ >= kLate;
    return {.router = late ? RouterState::late : router_,
            .status = status_,
            .wanted = wanted_,
            .read = read_,
            .read_at = read_at_,
            .pending = asked_ == Asked::writing || must_write(),
            .changed = left_alone_ || restoring_};
}

bool RuleKeeper::settled() const {
    if (asked_ == Asked::writing) return false;
    if (!stop_waits_ || options_.dry_run || left_alone_) return true;
    return wanted_ == read_ && !uncertain_;
}

void RuleKeeper::stop(SteadyTime now, SteadyTime deadline, bool wait,
                      std::function<void(bool)> done) {
    stopping_ = true;
    stop_waits_ = wait;
    stopped_ = std::move(done);
    stop_timer_.set(deadline);
    link_->offer(now);
    check_stopped();
}

void RuleKeeper::check_stopped() {
    // Through the timer, so that `done` never runs inside stop() or a reply.
    if (stopping_ && stopped_ && settled()) stop_timer_.set(clock_.steady());
}

}  // namespace wanctl::steering
