#include "common/routeros/router_link.hpp"

#include <algorithm>
#include <utility>

#include "common/routeros/manners.hpp"

namespace wanctl::routeros {
namespace {

constexpr Nanos kRefusedCap = std::chrono::seconds(4);
constexpr Nanos kShortestSleep = std::chrono::milliseconds(1);
// The loop has other work as well.
constexpr int kTurnsAtOnce = 8;
constexpr Nanos kAfterAbandoned = std::chrono::milliseconds(3200);

// Failures that would meet every request on this link alike. An error status that is about one
// request (404, 400, 500) is for its sender to handle.
bool concerns_the_link(RouterState state, int status) {
    switch (state) {
        case RouterState::unreachable:
        case RouterState::untrusted:
        case RouterState::unauthorized:
        case RouterState::bad_reply:
            return true;
        case RouterState::forbidden:
            return status == 403;
        default:
            return false;
    }
}

}  // namespace

RouterLink::RouterLink(boost::asio::io_context& loop, const Clock& clock, RestOptions options,
                       std::uint32_t seed)
    : RouterLink(
          loop, clock,
          [&](RequestClient::Done done) {
              return std::make_unique<RestClient>(loop, clock, std::move(options), std::move(done));
          },
          seed) {}

RouterLink::RouterLink(boost::asio::io_context& loop, const Clock& clock, const MakeClient& make,
                       std::uint32_t seed)
    : clock_(clock),
      backoff_(kFirstRetry, seed),
      wake_(loop, clock, [this](SteadyTime now) { offer(now); }),
      client_(make([this](Reply&& reply) { finished(std::move(reply)); })) {}

void RouterLink::join(LinkUser& user) {
    users_.push_back(&user);
}

void RouterLink::leave(LinkUser& user) {
    users_.erase(std::remove(users_.begin(), users_.end(), &user), users_.end());
    served_ = 0;
    if (current_ == &user) current_ = nullptr;
}

void RouterLink::watch_connection() {
    client_->watch_idle_connection([this] {
        for (LinkUser* user : users_) user->connection_ended();
        offer(clock_.steady());
    });
}

LinkUser* RouterLink::most_urgent(SteadyTime now) const {
    LinkUser* best = nullptr;
    Urgency best_urgency = Urgency::none;
    for (std::size_t i = 1; i <= users_.size(); ++i) {
        LinkUser* user = users_[(served_ + i) % users_.size()];
        const Urgency urgency = user->urgency(now);
        if (urgency > best_urgency) {
            best = user;
            best_urgency = urgency;
        }
    }
    return best;
}

void RouterLink::offer(SteadyTime now) {
    if (in_turn_ || !client_->idle()) return;
    // A request may end within its turn: it failed at once, or the reply was already there when the
    // client first looked. Whoever comes next must not wait for somebody to offer again.
    for (int turn = 0; turn < kTurnsAtOnce; ++turn) {
        if (not_before_ && now < *not_before_) return wake_.set(*not_before_);
        LinkUser* user = most_urgent(now);
        if (user == nullptr) return sleep(now);
        serve(*user, now);
        if (!client_->idle()) return;
        now = clock_.steady();
    }
    wake_.set(now + kShortestSleep);
}

void RouterLink::serve(LinkUser& user, SteadyTime now) {
    served_ =
        static_cast<std::size_t>(std::find(users_.begin(), users_.end(), &user) - users_.begin());
    current_ = &user;
    in_turn_ = true;
    user.take_turn(now);
    in_turn_ = false;
}

void RouterLink::sleep(SteadyTime now) {
    std::optional<SteadyTime> next = not_before_ && now < *not_before_ ? not_before_ : std::nullopt;
    if (!next)
        for (const LinkUser* user : users_) {
            const auto wake = user->wake_at();
            if (wake && (!next || *wake < *next)) next = wake;
        }
    // Whoever names a moment gone by and then has nothing to send must not make the loop spin.
    if (next) next = std::max(*next, now + kShortestSleep);
    wake_.set(next);
}

void RouterLink::send(const Request& request) {
    client_->start(request);
}

void RouterLink::learn(SteadyTime now, const Reply& reply) {
    if (reply.reconnected || reply.state == RouterState::unreachable || reply.abandoned) ++epoch_;
    // Only a connection that ended while nobody used it: the next request makes another.
    if (reply.stale) return;
    if (!concerns_the_link(reply.state, reply.status)) {
        backoff_.reset();
        not_before_.reset();
        refused_ = false;
        return;
    }
    // A no stays a no until somebody mends it, and each attempt leaves a line in the router's log.
    // Any other trouble may be a router that is starting.
    const bool refused = reply.state == RouterState::unauthorized ||
                         reply.state == RouterState::forbidden ||
                         reply.state == RouterState::untrusted;
    // A no after another trouble (or the other way round) is news: it is tried anew soon.
    if (std::exchange(refused_, refused) != refused) backoff_.reset();
    not_before_ = now + backoff_.next(refused ? kRefusedCap : kRetryCap);
    if (reply.abandoned) not_before_ = std::max(*not_before_, now + kAfterAbandoned);
}

void RouterLink::finished(Reply&& reply) {
    const SteadyTime now = clock_.steady();
    learn(now, reply);
    LinkUser* user = std::exchange(current_, nullptr);
    if (user != nullptr) user->on_reply(now, reply);
    offer(now);
}

}  // namespace wanctl::routeros
